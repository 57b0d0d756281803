// The browser's shell around player.js, which stands above this in one module: what is typed goes to `compgraph play`.

const place = document.getElementById("player");
const told = document.getElementById("derivation");
const start = JSON.parse(document.getElementById("start").textContent);

// Of every input there has been, by name: one that comes back has its value. No object, which has names of its own.
const values = new Map(Object.entries(start.values));
let text = start.program; // the last that was right
let player = null;
let names = new Map(); // of the inputs, by their places in the program that is shown
let programs = 0; // asked about so far; an answer to an earlier one is not wanted any more
let moves = 0; // of inputs
let quiet; // a timer: the derivation follows once the slider rests

/** JSON has no words for numbers that are not finite; Python reads these. */
const written = ([name, value]) => [name, Number.isFinite(value) ? value : String(value)];

/** What the server makes of a program and the values. */
async function ask(about, program) {
  const body = JSON.stringify({ program, values: Object.fromEntries([...values].map(written)) });
  try {
    const response = await fetch(about, { method: "POST", headers: { "Content-Type": "application/json" }, body });
    return response.ok ? await response.json() : { error: { message: await response.text() } };
  } catch {
    return { error: { message: "compgraph play was closed in the terminal; the picture goes on without it." } };
  }
}

async function onProgram(program) {
  const [turn, before] = [++programs, moves];
  const answer = await ask("program", program);
  if (turn !== programs) return;
  if (answer.payload) {
    const { table } = await import(answer.table);
    if (turn !== programs) return;
    text = program;
    show(answer, table);
  }
  player?.showError(answer.error ?? null);
  if (moves !== before) rest();
}

function show({ payload, derivation }, table) {
  for (const { name, value } of payload.inputs) if (!values.has(name)) values.set(name, Number(value));
  names = new Map(payload.inputs.map(({ node, name }) => [String(node), name]));
  if (player) player.replace(payload, table);
  else player = mount(place, payload, { table, onInput, onProgram, program: text });
  player.setInputs(Object.fromEntries([...names].map(([node, name]) => [node, values.get(name)])));
  told.innerHTML = derivation; // escaped in Python
}

function onInput(changed) {
  for (const [node, value] of Object.entries(changed)) values.set(names.get(node), value);
  moves += 1;
  rest();
}

function rest() {
  clearTimeout(quiet);
  quiet = setTimeout(async () => {
    const [turn, before] = [programs, moves];
    const { derivation } = await ask("derivation", text);
    if (turn === programs && before === moves && derivation !== undefined) told.innerHTML = derivation;
  }, 250);
}

onProgram(start.program);
