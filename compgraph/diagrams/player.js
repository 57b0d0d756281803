/**
 * Plays a page: a graph's picture step by step, with numbers that follow the sliders.
 *
 * One plain ES module without dependencies. It is given data (the payload that Python makes) and a table of ops, and
 * interprets them: nothing is evaluated from text, nothing is asked of a network, nothing global is left behind. Texts
 * of the payload reach the page as text; the picture, which Python has escaped, is the one thing that is parsed.
 */

const MOST_INPUTS = 12; // more sliders than these nobody overlooks: the others wait behind a search
const SECONDS_PER_STEP = 1.6;
const READABLE = 0.72; // a smaller picture is scrolled rather than shrunk further
const USUAL = "−8.888e−88".length; // Python leaves as much room for a number
const TALLEST = 640; // pixels of a stage, as in player.css
const SVG = "http://www.w3.org/2000/svg";

// --- numbers -------------------------------------------------------------------------------------------------------

/**
 * A float for reading, as Python's compgraph.graph.number writes it: so many significant digits, but never a whole
 * number for one that is not. number(-0.25) is "−0.25", number(1/3) is "0.3333", number(1 - 1e-9) is "0.999999999".
 * @param {number} value
 * @param {number} [digits]
 * @returns {string}
 */
export function number(value, digits = 4) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  let text = rounded(value, digits);
  while (digits < 17 && Number(text) !== value && Number.isInteger(Number(text)) && Math.abs(value) < 1e15) {
    digits += 1;
    text = rounded(value, digits);
  }
  return (Number(text) === value ? shortest(value) : text).replaceAll("-", "−");
}

/** Python's f"{value:.{digits}g}". */
function rounded(value, digits) {
  const [kept, exponent] = tieToEven(Math.abs(value), digits) ?? parts(Math.abs(value).toExponential(digits - 1));
  return sign(value) + laidOut(kept, exponent, digits);
}

/** Half way between two numbers JavaScript rounds up, Python to the even digit: the digits where these differ. */
function tieToEven(value, digits) {
  if (!value.toExponential(digits).includes("5e")) return null;
  const [all, exponent] = parts(value.toExponential(60)); // as many digits as tell every tie from a near tie
  const [kept, rest] = [all.slice(0, digits), all.slice(digits)];
  return /^50*$/.test(rest) && /[02468]$/.test(kept) ? [kept, exponent] : null;
}

/** The digits and the exponent of what toExponential writes. */
function parts(text) {
  const [mantissa, exponent] = text.split("e");
  return [mantissa.replace(".", ""), Number(exponent)];
}

/** Python's repr, without ".0" after a whole number. */
function shortest(value) {
  return sign(value) + laidOut(...parts(Math.abs(value).toExponential()), 16);
}

function sign(value) {
  return value < 0 ? "-" : "";
}

/** Digits d.ddd·10^exponent, written out where the exponent is from −4 to below the limit. */
function laidOut(digits, exponent, limit) {
  digits = digits.replace(/0+$/, "");
  if (exponent < -4 || exponent >= limit) {
    const power = String(Math.abs(exponent)).padStart(2, "0");
    return `${pointed(digits, 1)}e${exponent < 0 ? "-" : "+"}${power}`;
  }
  return exponent < 0 ? `0.${"0".repeat(-exponent - 1)}${digits}` : pointed(digits, exponent + 1);
}

function pointed(digits, place) {
  return digits.length > place ? `${digits.slice(0, place)}.${digits.slice(place)}` : digits.padEnd(place, "0");
}

/** What a reader has typed, as {value}, {wrong: what to write instead}, or {} while it may yet become a number. */
function readNumber(typed) {
  const text = typed.trim().replaceAll("−", "-").toLowerCase();
  const word = { inf: Infinity, "∞": Infinity, nan: NaN }[text.replace(/^[+-]/, "")];
  if (word !== undefined) return { value: text.startsWith("-") ? -word : word };
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? { value } : { wrong: "This is beyond the largest float, 1.8e+308." };
  }
  if (/^[+-]?((\d+\.?\d*|\.\d+)e[+-]?|\.)?$/.test(text)) return {};
  if (/^[+-]?\d+,\d+$/.test(text)) return { wrong: `Write a point: ${text.replace(",", ".")}` };
  return { wrong: "Write a number, such as 0.5, −2 or 1e-3." };
}

/** A number of the payload; JSON has no words for those that are not finite. */
function plainNumber(value) {
  return typeof value === "string" ? Number(value) : value ?? null;
}

// --- the program ---------------------------------------------------------------------------------------------------

/**
 * All values of a program, and the adjoints of its root: one pass forward, one back. null is "not known".
 * @param {{ops: string[], code: Array, root: number}} program
 * @param {Object<string, {value: Function, partials: Array, selects: boolean}>} table
 * @param {Map<number, number|null>} [given] what stands in for the values of leaves
 * @returns {{values: Array, adjoints: Array}}
 */
export function evaluate(program, table, given = new Map()) {
  const values = [];
  program.code.forEach(([op, ...args], place) => {
    if (op < 0) values.push(given.has(place) ? given.get(place) : plainNumber(args[0]));
    else if (args.some((arg) => values[arg] === null)) values.push(null);
    else values.push(applied(table[program.ops[op]].value, args, values));
  });
  return { values, adjoints: sweep(program, table, values) };
}

function sweep({ ops, code, root }, table, values) {
  const adjoints = code.map(() => 0);
  adjoints[root] = 1;
  for (let place = root; place >= 0; place -= 1) {
    const upstream = adjoints[place];
    const [op, ...args] = code[place];
    if (op < 0 || upstream === 0) continue; // 0 upstream contributes nothing: never 0·∞ = nan
    const { partials, selects } = table[ops[op]];
    args.forEach((arg, index) => {
      if (!partials[index] || adjoints[arg] === null) return;
      const partial = values[place] === null ? null : applied(partials[index], [place, ...args], values);
      if (selects && partial === 0) return;
      adjoints[arg] = upstream === null || partial === null ? null : adjoints[arg] + upstream * partial;
    });
  }
  return adjoints;
}

function applied(f, args, values) {
  try {
    return f(...args.map((arg) => values[arg]));
  } catch {
    return NaN; // an op that somebody declared may throw where it has no value
  }
}

/** The numbers of one view, by what they belong to. */
class Numbers {
  constructor(view, values, adjoints) {
    Object.assign(this, { view, values, adjoints, texts: new Map() });
  }

  /** @returns {number|null} of {value: box}, {gradient: box} or {slope: edge} */
  read(part) {
    if ("value" in part) return this.values[this.view.boxes[part.value]?.node] ?? null;
    if ("slope" in part) return this.values[this.view.edges[part.slope]?.slope] ?? null;
    const { adjoint, node } = this.view.boxes[part.gradient]?.gradient ?? {};
    return (adjoint === undefined ? this.values[node] : this.adjoints[adjoint]) ?? null;
  }

  /** @returns {string} what stands for a number, in brackets where that is wanted and it is negative */
  text(part) {
    const key = slotKey(part);
    if (!this.texts.has(key)) this.texts.set(key, this.#written(part));
    const text = this.texts.get(key);
    return part.brackets && text.startsWith("−") ? `(${text})` : text;
  }

  #written(part) {
    const exact = this.read(part);
    if (exact === null) return "?";
    // A local derivative is put together from several: its last digits are those of rounding.
    const value = "slope" in part && Number.isFinite(exact) ? Number(exact.toPrecision(12)) : exact;
    const isRounded = "value" in part && this.#isRounded(this.view.boxes[part.value], value);
    return isRounded ? `rounds to ${number(value)}` : number(value);
  }

  /** Whether a value only comes near to what it reads: a limit of its op, or one term of a sum beside which the other is lost. */
  #isRounded({ limits, terms }, value) {
    if (limits?.includes(value)) return true;
    if (!terms || !Number.isInteger(value)) return false;
    const [one, other] = [this.values[terms[0]], this.values[terms[1]]];
    return (value === one && other !== 0) || (value === terms[2] * other && one !== 0);
  }

  /** Whether the formula as it was typed gives the box's value in floats. */
  bearsOut({ borne, of }) {
    const [typed, value] = [this.values[borne] ?? null, this.read({ value: of })];
    if (typed === null || value === null) return typed === value;
    return Object.is(typed, value) || Math.abs(typed - value) <= 1e-9 * Math.abs(value);
  }

  /** Whether these products add up to the gradient: what is not the result is never printed as if it led to it. */
  addsUp({ sum, of }) {
    const products = sum.map((factors) => factors.map((part) => this.read(part)));
    const gradient = this.read({ gradient: of });
    if (gradient === null || products.flat().includes(null)) return false;
    const total = products.reduce((all, factors) => all + factors.reduce((product, one) => product * one, 1), 0);
    return Number.isFinite(total) && Math.abs(total - gradient) <= 1e-9 * Math.abs(gradient);
  }
}

/** The numbers as Python has drawn them: all that there is where the page cannot compute. */
class DrawnNumbers extends Numbers {
  constructor(view, slots) {
    super(view, [], []);
    for (const { part, drawn } of slots) this.texts.set(slotKey(part), drawn);
  }

  read(part) {
    return readNumber(this.texts.get(slotKey(part)) ?? "").value ?? null;
  }
}

function slotKey(part) {
  const kind = ["value", "gradient", "slope"].find((name) => name in part);
  return `${kind} ${part[kind]}`;
}

// --- steps ---------------------------------------------------------------------------------------------------------

/** Which box and edge has been reached when: position 0 is before the first frame, the last one after all of them. */
class Timeline {
  constructor({ frames, boxes, edges }) {
    Object.assign(this, { frames, boxes, edges });
    this.last = frames.length ? frames.length + 1 : 0;
    this.values = new Map();
    this.gradients = new Map(Object.keys(boxes).map((id) => [id, this.last]));
    this.lanes = new Map(Object.keys(edges).map((id) => [id, this.last]));
    frames.forEach(({ phase, box, edges: lanes }, index) => {
      if (phase === "forward") return this.values.set(box, index + 1);
      this.gradients.set(box, index + 1);
      lanes.forEach((id) => this.lanes.set(id, Math.min(this.lanes.get(id), index + 1)));
    });
  }

  frame(position) {
    return this.frames[position - 1];
  }

  /** Whether a number belongs to what has been computed by now. */
  has(part, position) {
    if ("value" in part) return position >= (this.values.get(part.value) ?? 0);
    if ("slope" in part) return this.has({ value: this.edges[part.slope]?.target }, position);
    if ("gradient" in part) return position >= (this.gradients.get(part.gradient) ?? this.last);
    if ("borne" in part) return part.parts.every((one) => isText(one) || this.has(one, position));
    return part.sum.flat().every((one) => this.has(one, position)) && this.has({ gradient: part.of }, position);
  }

  flowsBack(edge, position) {
    return position >= (this.lanes.get(edge) ?? this.last);
  }

  /** The position of another view that shows the same step: frames are matched by the place of what they compute. */
  positionLike(other, position) {
    if (position >= other.last) return this.last;
    for (let at = position; at > 0; at -= 1) {
      const { phase, box } = other.frame(at);
      const { node = null } = other.boxes[box] ?? {};
      const isSame = (id) => id === box || (node !== null && this.boxes[id]?.node === node);
      const found = this.frames.findIndex((frame) => frame.phase === phase && isSame(frame.box));
      if (found >= 0) return found + 1;
    }
    return 0;
  }
}

function isText(part) {
  return typeof part === "string" || Array.isArray(part);
}

// --- parts of the page ---------------------------------------------------------------------------------------------

/** An element with attributes and children; texts among the children stay texts. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Something that no other player has, for the few attributes that refer to another element. */
function unique(word) {
  return `${word}-${Math.random().toString(36).slice(2)}`;
}

/** A name as runs, the digits after its letters below the line. */
function nameRuns(name) {
  const found = /^(.*?\p{L})_?(\d+)$/u.exec(name);
  return found ? [["italic", found[1]], ["index", found[2]]] : [["italic", name]];
}

const TAGS = { italic: "i", index: "sub", power: "sup", upright: "span", number: "b" };

/** Runs and live numbers as elements; `text` says what a live number reads. */
function typeset(line, numbers, isShown = () => true) {
  return line.flatMap((part) => {
    if (typeof part === "string") return [part];
    if (Array.isArray(part)) return [make(TAGS[part[0]] ?? "span", { class: part[0] }, part[1])];
    if ("equation" in part) return [make("span", { class: "equation" }, ...typeset(part.equation, numbers, isShown))];
    if ("borne" in part) {
      return isShown(part) && numbers.bearsOut(part) ? typeset(part.parts, numbers, isShown) : [];
    }
    if (!("sum" in part)) return [live(part, numbers, isShown)];
    if (!isShown(part) || !numbers.addsUp(part)) return [];
    const products = part.sum.map((factors) => joined(factors.map((one) => live(one, numbers, isShown)), " · "));
    return [...joined(products, " + ").flat(), " = "];
  });
}

function live(part, numbers, isShown) {
  const kind = ["value", "gradient", "slope"].find((name) => name in part);
  return make("b", { class: `number ${kind}` }, isShown(part) ? numbers.text(part) : "…");
}

function joined(parts, separator) {
  return parts.flatMap((part, index) => (index ? [separator, part] : [part]));
}

function paragraphs(lines, numbers, isShown) {
  return lines.map((line) => make("p", {}, ...typeset(line, numbers, isShown)));
}

/** The picture of one view: its numbers, its states, its controls. */
class Picture {
  constructor(view) {
    this.view = view;
    this.svg = parsedSvg(view.svg);
    this.width = Number(this.svg.getAttribute("width"));
    this.height = Number(this.svg.getAttribute("height"));
    this.groups = new Map([...this.svg.querySelectorAll("g.box, g.edge")].map((group) => [group.dataset.id, group]));
    this.slots = [...this.svg.querySelectorAll("[data-slot]")].map((span) => this.#slot(span));
    this.#makeReachable();
    this.#addFolds();
  }

  #slot(span) {
    const id = span.closest("[data-id]").dataset.id;
    return { span, part: { [span.dataset.slot]: id }, drawn: span.textContent, row: span.closest("text") };
  }

  #makeReachable() {
    this.svg.setAttribute("role", "group"); // an image would hide its boxes from those who listen
    this.svg.querySelectorAll("title").forEach((title) => title.remove()); // or it would cover the panel with the rule
    for (const [id, group] of this.groups) {
      group.setAttribute("tabindex", "0");
      group.setAttribute("role", "button");
      const road = group.querySelector(".road");
      if (!(id in this.view.edges) || !road) continue;
      const wide = road.cloneNode();
      wide.setAttribute("class", "near");
      group.prepend(wide);
    }
    this.#sortForReading();
  }

  /** Every edge before the box that it leads to, so that Tab goes the way the numbers go. */
  #sortForReading() {
    const ways = new Map(Object.keys(this.view.boxes).map((id) => [id, []]));
    for (const [id, { target }] of Object.entries(this.view.edges)) ways.get(target)?.push(id);
    for (const [box, edges] of ways) {
      const groups = [...edges, box].map((id) => this.groups.get(id)).filter(Boolean);
      for (const group of groups) group.parentNode.append(group);
    }
  }

  /** Buttons that open and close boxes, on the upper right corner of the card or of the frame. */
  #addFolds() {
    const frames = new Map([...this.svg.querySelectorAll("g.group")].map((group) => [group.dataset.id, group]));
    for (const id of new Set([...Object.keys(this.view.boxes), ...this.view.open])) {
      const { fold, name } = this.view.boxes[id] ?? {};
      const isOpen = this.view.open.includes(id) || fold === "close";
      const place = isOpen ? frames.get(id) ?? this.groups.get(id) : this.groups.get(id);
      if (place && (isOpen || fold === "open")) place.after(foldButton(id, isOpen, name || this.#words(place), place));
    }
  }

  /** Put the numbers in. */
  fill(numbers) {
    const long = new Set();
    for (const slot of this.slots) {
      const text = numbers.text(slot.part);
      if (slot.shown === text) continue;
      slot.shown = text;
      slot.span.textContent = text;
      slot.row.removeAttribute("textLength");
      if (text.length > Math.max(USUAL, slot.drawn.length)) long.add(slot.row);
    }
    squeeze([...long]);
    for (const id of Object.keys(this.view.boxes)) {
      const found = [numbers.read({ value: id }), numbers.read({ gradient: id })];
      const isWrong = found.some((value) => value !== null && !Number.isFinite(value));
      this.groups.get(id)?.classList.toggle("nonfinite", isWrong);
    }
  }

  /** Show what has been reached at a position, and say it in words. */
  mark(timeline, position, numbers) {
    const frame = timeline.frame(position);
    const isBack = frame?.phase === "backward";
    for (const [id, group] of this.groups) {
      const edge = this.view.edges[id];
      const hasValue = timeline.has(edge ? { slope: id } : { value: id }, position);
      const isBackHere = edge ? timeline.flowsBack(id, position) : timeline.has({ gradient: id }, position);
      const isActive = edge ? Boolean(frame?.edges.includes(id)) : frame?.box === id;
      group.classList.toggle("waiting", !hasValue);
      group.classList.toggle("reached-back", isBackHere);
      group.classList.toggle("active", isActive);
      group.classList.toggle("backwards", isActive && isBack);
      const has = { value: hasValue, gradient: isBackHere };
      const words = edge ? this.#edgeInWords(id, edge, has, numbers) : this.#boxInWords(id, has, numbers);
      if (group.getAttribute("aria-label") !== words) group.setAttribute("aria-label", words);
    }
  }

  name(id) {
    return this.view.boxes[id]?.name || this.#words(this.groups.get(id)) || id;
  }

  #words(group) {
    return group?.querySelector("text")?.textContent.trim();
  }

  #boxInWords(id, has, numbers) {
    const { node = null, gradient } = this.view.boxes[id] ?? {};
    if (!has.value) return `${this.name(id)}: not computed yet`;
    const parts = [];
    if (node !== null) parts.push(`value ${numbers.text({ value: id })}`);
    if (has.gradient && gradient) parts.push(`gradient ${numbers.text({ gradient: id })}`);
    return [this.name(id), parts.join(", ")].filter(Boolean).join(": ");
  }

  #edgeInWords(id, { source, target, slope }, has, numbers) {
    const way = `from ${this.name(source)} to ${this.name(target)}`;
    return has.value && slope !== null ? `${way}: local derivative ${numbers.text({ slope: id })}` : way;
  }
}

/** An SVG element with attributes. */
function makeSvg(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function foldButton(id, isOpen, title, place) {
  const card = place.querySelector("rect");
  const [x, y, width] = ["x", "y", "width"].map((name) => Number(card.getAttribute(name)));
  const words = `${isOpen ? "Close" : "Open"} ${title}`;
  const holder = makeSvg("foreignObject", { x: x + width - 14, y: y - 12, width: 26, height: 26, class: "fold-place" });
  const known = { type: "button", class: "fold", "data-fold": id, "aria-label": words };
  holder.append(make("button", known, isOpen ? "−" : "+"));
  return holder;
}

/** SVG text as an element of this page, without anything that could run. */
function parsedSvg(text) {
  const svg = document.importNode(new DOMParser().parseFromString(text, "image/svg+xml").documentElement, true);
  svg.querySelectorAll("script").forEach((script) => script.remove());
  for (const element of [svg, ...svg.querySelectorAll("*")]) {
    for (const { name } of [...element.attributes]) if (/^on/i.test(name)) element.removeAttribute(name);
  }
  return svg;
}

/** Narrow lines of text to their cards. All are measured before one is changed: a layout for each would be slow. */
function squeeze(rows) {
  const rooms = rows.map((row) => Number(row.parentNode.querySelector("rect")?.getAttribute("width") ?? Infinity) - 10);
  const isLong = rows.map((row, index) => row.getComputedTextLength() > rooms[index]);
  rows.forEach((row, index) => {
    if (!isLong[index]) return;
    row.setAttribute("textLength", rooms[index]);
    row.setAttribute("lengthAdjust", "spacingAndGlyphs");
  });
}

/** The window through which the picture is seen: it zooms, and pans by dragging, by touch and by its scroll bars. */
class Stage {
  constructor(listen) {
    this.scale = "auto"; // or "whole", or a number
    this.pointers = new Map();
    this.frame = make("div", { class: "stage", tabindex: "0", role: "group", "aria-label": "Picture" });
    const zooms = make("div", { class: "zoom", role: "group", "aria-label": "Zoom" });
    for (const [sign, words] of [["−", "Zoom out"], ["+", "Zoom in"], ["fit", "Whole picture"]]) {
      zooms.append(make("button", { type: "button", "aria-label": words, title: words }, sign));
    }
    this.around = make("div", { class: "stage-place" }, this.frame);
    this.element = make("div", {}, this.around, make("div", { class: "under" }, legend(), zooms));
    const [out, closer, fit] = zooms.children;
    this.fit = fit;
    listen(out, "click", () => this.zoom(1 / 1.25));
    listen(closer, "click", () => this.zoom(1.25));
    listen(fit, "click", () => this.#set(this.scale === "whole" ? "auto" : "whole"));
    this.#listen(listen);
    this.watcher = new ResizeObserver(() => this.#draw());
    this.watcher.observe(this.frame);
  }

  #listen(listen) {
    listen(this.frame, "wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return; // the page's own scrolling
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY / 300), event);
    }, { passive: false });
    listen(this.frame, "scroll", () => this.#hintAtMore(), { passive: true });
    listen(this.frame, "pointerdown", (event) => this.#press(event));
    listen(this.frame, "pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) listen(this.frame, end, (event) => this.#release(event));
    listen(this.frame, "keydown", (event) => {
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!way || !event.shiftKey) return;
      event.preventDefault();
      this.frame.scrollBy(60 * way[0], 60 * way[1]);
    });
  }

  show(picture) {
    this.picture = picture;
    this.frame.replaceChildren(picture.svg);
    this.#draw();
  }

  #press(event) {
    const isMouse = event.pointerType === "mouse";
    if ((isMouse && event.button !== 0) || event.target.closest("button")) return;
    this.pointers.set(event.pointerId, event);
    this.dragged = false;
  }

  #move(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const other = [...this.pointers.values()].find((one) => one.pointerId !== event.pointerId);
    if (other) this.zoom(distance(event, other) / distance(before, other), middle(event, other));
    else if (event.pointerType === "mouse") {
      if (!this.dragged && distance(before, event) < 4) return; // a click, from a hand that trembles
      if (!this.dragged) this.frame.setPointerCapture(event.pointerId);
      this.dragged = true;
      this.frame.scrollBy(before.clientX - event.clientX, before.clientY - event.clientY);
    }
    this.pointers.set(event.pointerId, event);
  }

  #release(event) {
    this.pointers.delete(event.pointerId);
  }

  /** Zoom by a factor about a point of the window, or about the middle. */
  zoom(factor, at = middleOf(this.frame.getBoundingClientRect())) {
    const before = this.picture.svg.getBoundingClientRect();
    const [x, y] = [(at.clientX - before.left) / before.width, (at.clientY - before.top) / before.height];
    this.#set(inside(this.#scaleNow() * factor, 0.1, 4));
    const after = this.picture.svg.getBoundingClientRect();
    this.frame.scrollBy(after.left + x * after.width - at.clientX, after.top + y * after.height - at.clientY);
  }

  #set(scale) {
    this.scale = scale;
    this.fit.setAttribute("aria-pressed", String(scale === "whole"));
    this.#draw();
  }

  #scaleNow() {
    if (typeof this.scale === "number") return this.scale;
    const { width, height } = this.picture;
    const room = this.frame.offsetWidth;
    if (this.scale === "whole") return Math.min(1.25, room / width, TALLEST / height);
    // Room for a scroll bar is kept by what is needed, not by what is there: else each would bring the other about.
    const bar = height * (room / width) > TALLEST ? 16 : 0;
    return Math.min(1.25, Math.max(READABLE, (room - bar) / width));
  }

  #draw() {
    if (!this.picture || !this.frame.clientWidth) return;
    const scale = this.#scaleNow();
    this.picture.svg.style.width = `${Math.floor(this.picture.width * scale)}px`;
    this.picture.svg.style.height = `${Math.floor(this.picture.height * scale)}px`;
    this.#hintAtMore();
  }

  /** A shade at the side where the picture goes on: not every system shows scroll bars. */
  #hintAtMore() {
    const { scrollLeft, scrollWidth, clientWidth } = this.frame;
    this.around.classList.toggle("more-left", scrollLeft > 4);
    this.around.classList.toggle("more-right", scrollLeft + clientWidth < scrollWidth - 4);
  }

  /** Scroll the picture, and only it, until a group can be seen, with the lanes to it where there is room for them. */
  reveal(group, lanes) {
    const seen = this.frame.getBoundingClientRect();
    const all = bounds([group, ...lanes]);
    const wanted = all.right - all.left < seen.width && all.bottom - all.top < seen.height ? all : bounds([group]);
    const step = (low, high, from, to) => (from < low || to > high ? (from + to - low - high) / 2 : 0);
    this.frame.scrollBy(
      step(seen.left, seen.right, wanted.left, wanted.right),
      step(seen.top, seen.bottom, wanted.top, wanted.bottom),
    );
  }
}

/** The rectangle around elements. */
function bounds(elements) {
  const all = elements.map((element) => element.getBoundingClientRect());
  const [left, top] = ["left", "top"].map((side) => Math.min(...all.map((one) => one[side])));
  const [right, bottom] = ["right", "bottom"].map((side) => Math.max(...all.map((one) => one[side])));
  return { left, top, right, bottom };
}

function inside(at, low, high) {
  return Math.max(low, Math.min(at, high));
}

function distance(one, other) {
  return Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1;
}

function middle(one, other) {
  return { clientX: (one.clientX + other.clientX) / 2, clientY: (one.clientY + other.clientY) / 2 };
}

function middleOf({ left, top, width, height }) {
  return { clientX: left + width / 2, clientY: top + height / 2 };
}

/** The panel with the rule of what is pointed at: beside it, inside the window. */
class Rule {
  constructor(stage, listen, linesOf) {
    this.id = null;
    this.linesOf = linesOf;
    this.stage = stage;
    this.element = make("div", { class: "rule-panel", role: "tooltip", id: unique("rule"), popover: "manual" });
    const groupOf = (target) => target?.closest?.(".box, .edge");
    listen(stage.frame, "pointerover", (event) => event.pointerType === "touch" || this.show(groupOf(event.target)));
    listen(stage.frame, "pointerout", (event) => groupOf(event.relatedTarget) || this.#leave(event));
    listen(stage.frame, "focusin", ({ target }) => this.show(groupOf(target)));
    listen(stage.frame, "focusout", () => this.hide());
    listen(stage.frame, "click", ({ target }) => stage.dragged || this.show(groupOf(target)));
    listen(stage.frame, "pointerup", () => stage.dragged && this.hide());
    listen(this.element, "pointerleave", (event) => this.#leave(event));
    const whenMoved = { capture: true, passive: true };
    for (const moved of ["scroll", "resize"]) listen(window, moved, () => this.#place(), whenMoved);
  }

  /** Gone, unless the pointer is on its way into the panel, or the keyboard's focus holds it. */
  #leave(event) {
    const isFocused = this.group && this.group === this.group.getRootNode().activeElement;
    if (!this.element.contains(event.relatedTarget) && !isFocused) this.hide();
  }

  show(group) {
    if (!group || group === this.group || !this.linesOf(group.dataset.id).length) return;
    this.hide();
    this.group = group;
    group.setAttribute("aria-describedby", this.element.id);
    group.classList.add("pointed");
    this.element.showPopover(); // above everything, whatever the page around does with layers and overflow
    this.refresh();
  }

  refresh() {
    if (!this.group) return;
    this.element.replaceChildren(...this.linesOf(this.group.dataset.id));
    this.#place();
  }

  hide() {
    this.group?.removeAttribute("aria-describedby");
    this.group?.classList.remove("pointed");
    this.group = null;
    if (this.element.matches(":popover-open")) this.element.hidePopover();
  }

  #place() {
    if (!this.group) return;
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const [right, bottom] = [document.documentElement.clientWidth - 8, window.innerHeight - 8];
    const places = this.#surroundings().flatMap((around) => {
      const x = inside((around.left + around.right - width) / 2, 8, right - width);
      const y = inside((around.top + around.bottom - height) / 2, 8, bottom - height);
      const [below, above] = [around.bottom + 8, around.top - 8 - height];
      return [[x, below], [x, above], [around.right + 8, y], [around.left - 8 - width, y]];
    });
    const fits = ([x, y]) => x >= 8 && y >= 8 && x + width <= right && y + height <= bottom;
    const [x, y] = places.find(fits) ?? places[0];
    this.element.style.left = `${inside(x, 8, right - width)}px`;
    this.element.style.top = `${inside(y, 8, bottom - height)}px`;
  }

  /** What the panel should leave free: an edge with the boxes at its ends, or else only the edge. */
  #surroundings() {
    const { edges } = this.stage.picture.view;
    const ends = edges[this.group.dataset.id];
    const related = ends ? [ends.source, ends.target].map((id) => this.stage.picture.groups.get(id)) : [];
    const own = this.#seen([this.group]);
    return related.length ? [this.#seen([this.group, ...related.filter(Boolean)]), own] : [own];
  }

  /** The part of them that is not scrolled away. */
  #seen(groups) {
    const [all, frame] = [bounds(groups), this.stage.frame.getBoundingClientRect()];
    const [left, right] = [all.left, all.right].map((x) => inside(x, frame.left, frame.right));
    const [top, bottom] = [all.top, all.bottom].map((y) => inside(y, frame.top, frame.bottom));
    return { left, top, right, bottom };
  }
}

// --- inputs --------------------------------------------------------------------------------------------------------

/** One input: its name, a slider and a field. */
class Input {
  constructor(input, onChange) {
    this.input = input;
    this.onChange = onChange;
    const name = input.name || "input";
    this.slider = make("input", { type: "range", "aria-label": `${name}, slider` });
    const plain = { type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false" };
    this.field = make("input", { ...plain, "aria-label": name });
    this.wrong = make("p", { class: "wrong", id: unique("wrong"), role: "alert", hidden: "" });
    const label = make("span", { class: "name", title: input.role }, ...typeset(input.runs));
    this.element = make("div", { class: `input ${input.role}` }, label, this.slider, this.field, this.wrong);
  }

  /** Show a value, wherever it comes from; only a slider that is moved keeps its ends, and a field its text. */
  show(value, { isSliding = false, isTyping = false } = {}) {
    this.shown = value;
    if (!isSliding) this.#reach(value);
    this.slider.value = value ?? 0;
    this.slider.setAttribute("aria-valuetext", value === null ? "no value yet" : number(value));
    if (isTyping) return;
    this.field.value = value === null ? "" : number(value, 17);
    this.field.placeholder = value === null ? "?" : "";
    this.#complain("");
  }

  /** The slider's ends: about the value, and wide enough to be worth a slide. */
  #reach(value) {
    const isLabel = /^y[\d_]*$/i.test(this.input.name) && [0, 1].includes(this.input.value) && value >= 0 && value <= 1;
    const high = isLabel ? 1 : niceAbove(Math.max(2, Number.isFinite(value) ? 2 * Math.abs(value) : 0));
    Object.assign(this.slider, { min: isLabel ? 0 : -high, max: high, step: high / (isLabel ? 100 : 200) });
  }

  slide() {
    this.show(Number(this.slider.value), { isSliding: true });
    this.onChange(this.input.node, this.shown);
  }

  /** Take what is typed as soon as it is a number; complain of the rest, of a beginning only when it is the end. */
  type(isFinal) {
    const { value, wrong } = readNumber(this.field.value);
    this.#complain(wrong ?? (isFinal && value === undefined ? "Write a number, such as 0.5, −2 or 1e-3." : ""));
    if (value === undefined) return;
    this.show(value, { isTyping: !isFinal });
    this.onChange(this.input.node, value);
  }

  #complain(message) {
    if (message) this.field.setAttribute("aria-invalid", "true");
    else this.field.removeAttribute("aria-invalid");
    this.field[message ? "setAttribute" : "removeAttribute"]("aria-describedby", this.wrong.id);
    this.wrong.hidden = !message;
    this.wrong.textContent = message;
  }
}

/** 1, 2 or 4 times a power of ten: two hundred steps to it are short numbers. */
function niceAbove(value) {
  const power = 10 ** Math.floor(Math.log10(Math.min(value, 1e300)));
  return [1, 2, 4, 10].map((digit) => digit * power).find((end) => end >= value) ?? Number.MAX_VALUE;
}

/** All inputs; of many only the first, and those that are searched for. */
class Inputs {
  constructor(payload, listen, onChange) {
    this.inputs = payload.inputs.map((input) => ({ ...input, value: plainNumber(input.value) }));
    this.rows = new Map();
    this.onChange = onChange;
    this.list = make("div", { class: "sliders" });
    const count = this.inputs.length;
    const words = { placeholder: `search ${count} inputs`, "aria-label": "Search inputs" };
    this.search = make("input", { type: "search", ...words });
    this.all = make("button", { type: "button", "aria-pressed": "false" }, `show all ${count}`);
    const reset = make("button", { type: "button" }, "reset");
    const more = count > MOST_INPUTS ? [this.search, this.all] : [];
    const head = make("div", { class: "inputs-head" }, make("span", { class: "title" }, "Inputs"), ...more, reset);
    this.element = make("div", { class: "inputs", role: "group", "aria-label": "Inputs" }, head, this.list);
    listen(reset, "click", () => {
      this.rows.forEach((row) => row.show(row.input.value));
      this.inputs.forEach(({ node, value }) => onChange(node, value));
    });
    listen(this.search, "input", () => this.#list());
    listen(this.all, "click", () => {
      this.all.setAttribute("aria-pressed", String(this.all.getAttribute("aria-pressed") !== "true"));
      this.#list();
    });
    this.#listen(listen);
  }

  #listen(listen) {
    const rowOf = (event) => [...this.rows.values()].find((row) => row.element.contains(event.target));
    listen(this.list, "input", (event) => {
      const row = rowOf(event);
      if (event.target === row?.slider) row.slide();
      else row?.type(false);
    });
    listen(this.list, "focusout", (event) => event.target === rowOf(event)?.field && this.#finish(rowOf(event)));
    listen(this.list, "keydown", (event) => event.key === "Enter" && this.#finish(rowOf(event)));
  }

  #finish(row) {
    if (row && (row.field.value.trim() || this.values.get(row.input.node) !== null)) row.type(true);
  }

  /** Show these values. */
  show(values) {
    this.values = values;
    if (!this.list.hasChildNodes()) this.#list();
    for (const [node, row] of this.rows) if (!Object.is(row.shown, values.get(node))) row.show(values.get(node));
  }

  #list() {
    const words = this.search.value.trim().toLowerCase();
    const found = this.inputs.filter(({ name }) => name.toLowerCase().includes(words));
    const shown = this.all.getAttribute("aria-pressed") === "true" ? found : found.slice(0, MOST_INPUTS);
    for (const input of shown) {
      if (this.rows.has(input.node)) continue;
      const row = new Input(input, this.onChange);
      row.show(this.values.get(input.node));
      this.rows.set(input.node, row);
    }
    const rows = shown.map(({ node }) => this.rows.get(node).element);
    this.list.replaceChildren(...(rows.length ? rows : ["No input has such a name."]));
  }
}

// --- the player ----------------------------------------------------------------------------------------------------

/** First, previous, play, next, last, and a slider for the position. */
class Controls {
  constructor(listen, { go, play }) {
    const moves = [
      ["«", "First step", () => go(0)],
      ["‹", "Previous step", () => go(this.position - 1)],
      ["play", "Play", play],
      ["›", "Next step", () => go(this.position + 1)],
      ["»", "Last step", () => go(this.last)],
    ];
    this.buttons = moves.map(([sign, words, move]) => {
      const button = make("button", { type: "button", "aria-label": words, title: words }, sign);
      listen(button, "click", move);
      return button;
    });
    this.buttons[2].className = "play";
    this.slider = make("input", { type: "range", min: "0", step: "1", "aria-label": "Step" });
    this.count = make("span", { class: "count" });
    listen(this.slider, "input", () => go(Number(this.slider.value)));
    this.element = make("div", { class: "steps", role: "group", "aria-label": "Steps" },
      make("div", { class: "moves" }, ...this.buttons),
      make("div", { class: "place" }, this.slider, this.count));
  }

  show(position, last, title) {
    Object.assign(this, { position, last });
    this.element.hidden = !last;
    this.slider.max = last;
    this.slider.value = position;
    const frames = Math.max(0, last - 1);
    this.count.textContent = position > frames ? `all ${frames} step${frames === 1 ? "" : "s"}` : `step ${position} / ${frames}`;
    this.slider.setAttribute("aria-valuetext", `${this.count.textContent}: ${title}`);
    // Not `disabled`, which would throw the keyboard's focus out of the player.
    this.buttons.forEach((button, index) => {
      const isIdle = index < 2 ? position === 0 : index > 2 && position === last;
      button.setAttribute("aria-disabled", String(isIdle));
    });
  }

  showPlaying(isPlaying) {
    const [sign, words] = isPlaying ? ["pause", "Pause"] : ["play", "Play"];
    this.buttons[2].textContent = sign;
    this.buttons[2].setAttribute("aria-label", words);
    this.buttons[2].title = words;
  }
}

/** What the lanes mean; told by direction and dashes as well as by colour. */
function legend() {
  const forward = ["forward", "value", "M0 5H18M16 1.5l7 3.5l-7 3.5z"];
  const backward = ["backward", "gradient", "M24 5H6M8 1.5l-7 3.5l7 3.5z"];
  const entries = [forward, backward].map(([kind, word, path]) => {
    const lane = makeSvg("svg", { width: 24, height: 10, "aria-hidden": true });
    lane.append(makeSvg("path", { d: path }));
    return make("span", { class: kind }, lane, word);
  });
  return make("div", { class: "legend" }, ...entries);
}

/** One payload, played. */
class Player {
  constructor(element, payload, { table, onInput }) {
    Object.assign(this, { element, payload, table, onInput });
    this.stop = new AbortController();
    const { signal } = this.stop;
    const listen = (target, type, act, options = {}) => target.addEventListener(type, act, { ...options, signal });
    this.given = new Map(payload.inputs.map(({ node, value }) => [node, plainNumber(value)]));
    this.pending = new Map();
    this.controls = new Controls(listen, { go: (position) => this.go(position), play: () => this.play() });
    this.stage = new Stage(listen);
    this.title = make("p", { class: "phase" });
    this.lines = make("div", { class: "lines" });
    const spoken = { "aria-live": "polite", role: "region", "aria-label": "This step" };
    this.sentence = make("div", { class: "sentence", ...spoken }, this.title, this.lines);
    this.rule = new Rule(this.stage, listen, (id) => this.#rule(id));
    this.notes = make("div", { class: "notes" });
    const bar = make("div", { class: "bar" }, this.controls.element, this.#switch(listen));
    const inputs = this.#inputs(listen);
    element.replaceChildren(bar, this.stage.element, this.sentence, inputs, this.notes, this.rule.element);
    listen(element, "keydown", (event) => this.#press(event));
    listen(this.stage.frame, "click", (event) => this.#toggle(event.target.closest(".fold")?.dataset.fold));
    this.show(payload.views[payload.first]);
  }

  // A view is shown; its numbers are computed; a position in it is marked.

  show(view) {
    const { view: old, timeline: before } = this;
    this.rule.hide();
    this.view = view;
    this.timeline = new Timeline(view);
    this.picture = new Picture(view);
    this.stage.show(this.picture);
    this.notes.replaceChildren(...(view.notes ?? []).map((note) => make("p", {}, note)));
    for (const radio of this.radios) radio.checked = radio.value === view.level;
    this.position = old ? this.timeline.positionLike(before, this.position) : this.timeline.last;
    this.#compute();
  }

  #compute() {
    if (this.payload.live) {
      this.numbers = new DrawnNumbers(this.view, this.picture.slots);
    } else {
      const { values, adjoints } = evaluate(this.payload.program, this.table, this.given);
      this.numbers = new Numbers(this.view, values, adjoints);
      this.picture.fill(this.numbers);
      this.sliders?.show(this.given);
    }
    this.#mark();
  }

  #mark() {
    this.picture.mark(this.timeline, this.position, this.numbers);
    const frame = this.timeline.frame(this.position);
    const [title, lines] = frame ? this.#step(frame) : this.position ? this.#end() : this.#start();
    this.sentence.dataset.phase = frame?.phase ?? "";
    this.title.replaceChildren(...typeset(title));
    this.lines.replaceChildren(...paragraphs(lines, this.numbers));
    this.controls.show(this.position, this.timeline.last, this.title.textContent);
    this.rule.refresh();
  }

  #step({ phase, box, lines }) {
    const word = phase === "forward" ? "Forward: " : "Backward: ";
    return [[["upright", word], ...nameRuns(this.picture.name(box))], lines];
  }

  #start() {
    const lines = [[["hint", "Only the inputs have values. The next step computes the first box."]]];
    return [[["upright", "Start"]], this.timeline.last ? lines : []];
  }

  /** The result and the gradients that were asked for. */
  #end() {
    const { boxes, frames } = this.view;
    const isBack = frames.some(({ phase }) => phase === "backward");
    const equation = (runs, part) => ({ equation: [...runs, ["upright", " = "], part] });
    const root = Object.keys(boxes).find((id) => boxes[id].node === this.payload.program.root);
    const result = root ? [equation(nameRuns(this.picture.name(root)), { value: root })] : [];
    const asked = this.payload.inputs.filter(({ box, role }) => isBack && role === "parameter" && boxes[box]?.gradient);
    const gradients = asked.slice(0, MOST_INPUTS).map(({ runs, box }) => {
      const [[kind, first], ...rest] = runs;
      return equation([[kind, `d${first}`], ...rest], { gradient: box });
    });
    const more = asked.length > MOST_INPUTS ? [["upright", "…"]] : [];
    const hint = this.payload.live
      || "Point at a box or an edge for its rule; change an input, and all numbers follow.";
    return [[["upright", isBack ? "Forward and backward pass complete" : "Forward pass complete"]],
      [[...result, ...gradients, ...more], [["hint", hint]]].filter((line) => line.length)];
  }

  #rule(id) {
    const { boxes, edges, frames } = this.view;
    const told = frames.filter(({ box }) => box === id).flatMap(({ lines }) => lines);
    const lines = [...((boxes[id] ?? edges[id])?.rule ?? []), ...told];
    return paragraphs(lines, this.numbers, (part) => this.timeline.has(part, this.position));
  }

  // Steps.

  go(position) {
    this.pause();
    this.#goTo(position);
  }

  #goTo(position) {
    this.position = inside(position, 0, this.timeline.last);
    this.#mark();
    const { box, edges = [] } = this.timeline.frame(this.position) ?? {};
    const [active, ...lanes] = [box, ...edges].map((id) => this.picture.groups.get(id)).filter(Boolean);
    if (active) this.stage.reveal(active, lanes);
  }

  play() {
    if (this.timer) return this.pause();
    if (this.position === this.timeline.last) this.#goTo(0);
    this.controls.showPlaying(true);
    this.timer = setInterval(() => {
      this.#goTo(this.position + 1);
      if (this.position === this.timeline.last) this.pause();
    }, 1000 * SECONDS_PER_STEP);
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    this.controls.showPlaying(false);
  }

  #press(event) {
    if (event.key === "Escape") return this.rule.hide();
    const { target } = event;
    const isMeantElsewhere = event.ctrlKey || event.metaKey || event.altKey || event.shiftKey;
    if (isMeantElsewhere || target.matches("input, textarea, select")) return;
    const moves = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
    if (event.key in moves) this.go(this.position + moves[event.key]);
    else if (target.matches(".box, .edge") && (event.key === "Enter" || event.key === " ")) this.rule.show(target);
    else if (event.key === " " && !target.matches("button")) this.play();
    else return;
    event.preventDefault();
  }

  // Views.

  #switch(listen) {
    const levels = [...new Set(this.payload.views.map(({ level }) => level))];
    const name = unique("view");
    this.radios = levels.map((level) => make("input", { type: "radio", name, value: level }));
    const group = make("div", { class: "views", role: "radiogroup", "aria-label": "View" });
    group.append(...this.radios.map((radio) => make("label", {}, radio, make("span", {}, radio.value))));
    group.hidden = levels.length < 2;
    listen(group, "change", ({ target: { value } }) => {
      const first = this.payload.views.find(({ level }) => level === value);
      this.show(this.#view(value, this.view.open) ?? this.#view(value, []) ?? first);
    });
    return group;
  }

  #view(level, open) {
    const wanted = [...open].sort().join(" ");
    return this.payload.views.find((view) => view.level === level && [...view.open].sort().join(" ") === wanted);
  }

  /** The ops are the lecture's boxes, all of them open: a view of another level may be the next. */
  #anyView(open) {
    return this.payload.views.map(({ level }) => this.#view(level, open)).find((view) => view !== undefined);
  }

  /** Open or close a box: the view where just that is different, or the nearest that there is. */
  #toggle(id) {
    if (id === undefined) return;
    const { level, open } = this.view;
    const isOpen = open.includes(id);
    const others = open.filter((one) => one !== id);
    const wanted = isOpen ? others : [...open, id];
    const found = this.#view(level, wanted) ?? this.#anyView(wanted) ?? this.#view(level, isOpen ? [] : [id]);
    if (!found) return;
    this.show(found);
    [...this.picture.svg.querySelectorAll(".fold")].find((button) => button.dataset.fold === id)?.focus();
  }

  // Inputs.

  #inputs(listen) {
    if (this.payload.live) return make("p", { class: "inputs frozen" }, this.payload.live);
    if (!this.payload.inputs.length) return "";
    this.sliders = new Inputs(this.payload, listen, (node, value) => this.#change(node, value));
    return this.sliders.element;
  }

  /** Many changes between two frames of the screen are computed once. */
  #change(node, value) {
    this.given.set(node, value);
    this.pending.set(node, value);
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      const changed = Object.fromEntries(this.pending);
      this.pending.clear();
      this.#compute();
      this.onInput?.(changed);
    });
  }

  setInputs(values) {
    for (const [node, value] of Object.entries(values)) this.given.set(Number(node), plainNumber(value));
    this.#compute();
  }

  destroy() {
    this.pause();
    cancelAnimationFrame(this.frame);
    this.rule.hide();
    this.stop.abort();
    this.stage.watcher.disconnect();
    this.element.replaceChildren();
  }
}

/** The field in which a program is typed, and what is wrong with it. */
class ProgramField {
  constructor(program, onProgram) {
    this.field = make("textarea", { rows: 1, spellcheck: "false", autocapitalize: "off", "aria-label": "Formula" });
    this.field.value = program;
    this.wrong = make("div", { class: "wrong", id: unique("wrong"), role: "alert", hidden: "" });
    this.element = make("div", { class: "program" }, this.field, this.wrong);
    this.field.addEventListener("input", () => {
      this.#grow();
      clearTimeout(this.timer);
      this.timer = setTimeout(() => onProgram(this.field.value), 300); // not at every letter
    });
    this.#grow();
  }

  #grow() {
    this.field.rows = Math.min(8, this.field.value.split("\n").length);
  }

  /** Say what is wrong, with a mark under the column (from 1); nothing for no error. */
  show(error) {
    this.wrong.hidden = !error;
    this.field[error ? "setAttribute" : "removeAttribute"]("aria-invalid", "true");
    this.field[error ? "setAttribute" : "removeAttribute"]("aria-describedby", this.wrong.id);
    if (!error) return this.wrong.replaceChildren();
    const line = this.field.value.split("\n")[(error.line ?? 1) - 1] ?? "";
    const pointed = `${line}\n${" ".repeat((error.column ?? 1) - 1)}^`;
    const mark = error.column ? [make("pre", { "aria-hidden": "true" }, pointed)] : [];
    this.wrong.replaceChildren(...mark, make("p", {}, error.message));
  }
}

/**
 * Show a payload in an element.
 * @param {Element} element
 * @param {object} payload
 * @param {object} options
 * @param {object} options.table the ops of the payload's program: {name: {value, partials, selects}}
 * @param {function(Object<number, number>)} [options.onInput] called when a reader changes inputs: {node: value}
 * @param {function(string)} [options.onProgram] called with the text of the formula field, which is shown only then
 * @param {string} [options.program] the text that it has first
 * @returns {{setInputs: Function, replace: Function, showError: Function, destroy: Function}}
 */
export function mount(element, payload, { table, onInput, onProgram, program = "" }) {
  const field = onProgram ? new ProgramField(program, onProgram) : null;
  const place = make("div", { class: "player", tabindex: "-1" }); // a click anywhere in it lets the keys work
  const root = make("section", { class: "compgraph-player", "aria-label": payload.title });
  root.append(...(field ? [field.element] : []), place);
  element.append(root);
  let player = new Player(place, payload, { table, onInput });
  return {
    /** Values from elsewhere: {node: value}. */
    setInputs: (values) => player.setInputs(values),
    /** Another graph in place of this one, at the same level where it has that. */
    replace(next, nextTable) {
      const same = next.views.findIndex(({ level, open }) => level === player.view.level && !open.length);
      player.destroy();
      root.setAttribute("aria-label", next.title);
      field?.show(null);
      player = new Player(place, same < 0 ? next : { ...next, first: same }, { table: nextTable, onInput });
    },
    /** {message, column, line} of what is wrong with the program text; null for nothing. */
    showError: (error) => field?.show(error),
    /** Leave nothing behind: no listener, no timer, no element. */
    destroy() {
      player.destroy();
      clearTimeout(field?.timer);
      root.remove();
    },
  };
}
