// The browser's shell around player.js, which stands above this in one module: what is typed goes to `compgraph play`.

const place = document.getElementById("player");
const told = document.getElementById("derivation");
const start = JSON.parse(document.getElementById("start").textContent);

const values = start.values; // of every input there has been, by name: one that comes back has its value
let text = start.program; // the last that was right
let player = null;
let places = new Map(); // of the inputs: their names
let turn = 0;
let quiet; // a timer: the derivation follows once the slider rests

/** JSON has no words for numbers that are not finite; Python reads these. */
const written = ([name, value]) => [name, Number.isFinite(value) ? value : String(value)];

/** What the server makes of a program and values; null where a later question has overtaken this one. */
async function ask(about, program) {
  const now = ++turn;
  const body = JSON.stringify({ program, values: Object.fromEntries(Object.entries(values).map(written)) });
  let answer;
  try {
    const response = await fetch(about, { method: "POST", headers: { "Content-Type": "application/json" }, body });
    answer = response.ok ? await response.json() : { error: { message: await response.text() } };
  } catch {
    answer = { error: { message: "compgraph play was closed in the terminal: this page goes on without it, as it is." } };
  }
  return now === turn ? answer : null;
}

function tell({ derivation, error }) {
  if (derivation !== undefined) told.innerHTML = derivation; // escaped in Python
  player?.showError(error ?? null);
}

async function onProgram(program) {
  const answer = await ask("program", program);
  if (!answer) return;
  if (answer.payload) {
    const { table } = await import(answer.table);
    text = program;
    places = new Map(answer.payload.inputs.map(({ node, name, value }) => [String(node), [name, value]]));
    for (const [name, value] of places.values()) values[name] = Number(value);
    if (player) player.replace(answer.payload, table);
    else player = mount(place, answer.payload, { table, onInput, onProgram, program });
  }
  tell(answer);
}

function onInput(changed) {
  for (const [node, value] of Object.entries(changed)) values[places.get(node)[0]] = value;
  clearTimeout(quiet);
  quiet = setTimeout(async () => {
    const answer = await ask("derivation", text);
    if (answer) tell({ derivation: answer.derivation });
  }, 250);
}

onProgram(start.program);
