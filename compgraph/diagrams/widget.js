// The notebook's shell around player.js, which stands above this in one module; as anywidget wants it.

/** The ops' table, whose text comes from Python, as a module of its own: nothing is evaluated. */
async function tableOf(source) {
  const address = URL.createObjectURL(new Blob([source, "\nexport default table;"], { type: "text/javascript" }));
  try {
    return (await import(address)).default;
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** JSON has no words for numbers that are not finite; Python and the player read these. */
const written = ([node, value]) => [node, Number.isFinite(value) ? value : String(value)];

async function render({ model, el }) {
  const place = document.createElement("div");
  const told = document.createElement("div");
  told.className = "compgraph-told";
  // JupyterLab takes keys first: an arrow would leave the slider for the next cell, x cut the cell. It looks for this
  // on what has the focus.
  place.addEventListener("focusin", ({ target }) => target.setAttribute("data-lm-suppress-shortcuts", "true"));
  el.replaceChildren(place, told);
  let player = null;
  let typed = null; // the text in the formula field
  let turn = 0;
  let quiet; // a timer: the derivation follows once the slider rests

  const onInput = (changed) => {
    model.set("values", { ...model.get("values"), ...Object.fromEntries(Object.entries(changed).map(written)) });
    model.save_changes();
    clearTimeout(quiet);
    quiet = setTimeout(() => model.send({ about: "derivation" }), 250);
  };
  const onProgram = (text) => {
    typed = text;
    model.set("program", text);
    model.save_changes();
  };
  const setInputs = () => {
    const { revision, ...values } = model.get("values");
    if (player && revision === model.get("payload").revision) player.setInputs(values);
  };
  const tell = () => {
    told.innerHTML = model.get("derivation"); // escaped in Python
  };
  const complain = () => player?.showError(model.get("error").message ? model.get("error") : null);
  const show = async () => {
    const now = ++turn;
    const table = await tableOf(model.get("table"));
    if (now !== turn) return; // overtaken by another graph
    const program = model.get("program");
    if (player && program === typed) {
      player.replace(model.get("payload"), table);
    } else {
      player?.destroy();
      typed = program;
      const formula = program === null ? {} : { onProgram, program };
      player = mount(place, model.get("payload"), { table, onInput, ...formula });
    }
    setInputs();
    complain();
  };

  const handlers = { "change:payload": show, "change:values": setInputs, "change:derivation": tell, "change:error": complain };
  for (const [event, handler] of Object.entries(handlers)) model.on(event, handler);
  tell();
  await show();
  return () => {
    turn += 1;
    clearTimeout(quiet);
    for (const [event, handler] of Object.entries(handlers)) model.off(event, handler);
    player?.destroy();
  };
}

export default { render };
