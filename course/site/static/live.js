"use strict";
/* Runs the page's cells in the page: a worker holds Python, the cells become editable, their results appear under them. */
const MOST = 200_000; // characters of one cell's printed text
const script = document.currentScript.src;

/* One code cell of the page. */
class Cell {
  constructor(box, number) {
    Object.assign(this, { box, number, state: "new" });
    this.code = box.querySelector(".cell_input pre");
    this.original = this.code.innerHTML;
    this.first = this.source;
    this.output = box.querySelector(".cell_output") || box.appendChild(make("div", "cell_output docutils container"));
    this.needsAnswer = box.classList.contains("tag_needs-answer");
  }

  get source() {
    return this.code.innerText.replace(/\n$/, "");
  }

  open(notebook) {
    const tools = make("div", "live live-tools");
    this.button = tools.appendChild(button("Run", () => (this.state === "running" ? notebook.stop() : notebook.run(this))));
    this.back = tools.appendChild(button("Undo my changes", () => this.restore()));
    this.status = tools.appendChild(make("span"));
    this.status.setAttribute("role", "status");
    this.output.before(tools);
    this.code.contentEditable = "plaintext-only";
    this.code.spellcheck = false;
    const about = { role: "textbox", "aria-multiline": "true", "aria-label": `Code of cell ${this.number}`, tabindex: "0" };
    for (const name in about) this.code.setAttribute(name, about[name]);
    this.code.classList.add("live-code");
    this.code.addEventListener("input", () => this.show());
    this.code.addEventListener("keydown", (event) => this.key(event, notebook));
    this.show();
  }

  /* Shift+Enter runs and goes on; Tab and Enter indent; Escape, then Tab, leaves the code. */
  key(event, notebook) {
    event.stopPropagation(); // to the theme, "/" typed here would mean: search
    const type = (text) => (event.preventDefault(), document.execCommand("insertText", false, text));
    if (event.key === "Enter" && (event.shiftKey || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      notebook.run(this);
      if (event.shiftKey) notebook.cells[this.number]?.code.focus();
    } else if (event.key === "Enter" && !event.isComposing) type("\n" + this.indent());
    else if (event.key === "Tab" && !event.shiftKey) type("    ");
    else if (event.key === "Escape") this.button.focus();
  }

  /* The indentation of the line with the caret, and one step more after a colon. */
  indent() {
    const range = getSelection().getRangeAt(0).cloneRange();
    range.setStart(this.code, 0);
    const line = range.toString().split("\n").pop();
    return line.match(/^ */)[0] + (/:\s*(#.*)?$/.test(line) ? "    " : "");
  }

  restore() {
    this.code.innerHTML = this.original;
    this.show();
    this.code.focus();
  }

  show(state = this.state, words = this.status.textContent) {
    this.state = state;
    this.status.textContent = words;
    this.button.textContent = state === "running" ? "Stop" : "Run";
    this.button.setAttribute("aria-label", `${this.button.textContent} cell ${this.number}`);
    const changed = this.source !== this.first;
    this.back.hidden = !changed;
    this.code.classList.toggle("changed", changed); // the colours of the words that stood here would be wrong
  }

  /* What was there stays until the first new result comes, so that the page does not jump. */
  add(output) {
    if (this.fresh) this.output.replaceChildren();
    this.fresh = false;
    if (output.stream) return this.print(output);
    const html = output.data?.["text/html"];
    const piece = make("div", html ? "output text_html" : output.error ? "output error" : "output text_plain");
    this.output.append(piece);
    if (html) return fill(piece, html);
    piece.append(make("pre", "", output.error || output.data["text/plain"]));
  }

  print({ text, stream }) {
    const last = this.output.lastElementChild;
    const piece = last?.dataset.stream === stream ? last : this.output.appendChild(make("div", "output stream"));
    piece.dataset.stream = stream;
    const pre = piece.querySelector("pre") || piece.appendChild(make("pre"));
    if (pre.textContent.length < MOST) pre.append(text.slice(0, MOST));
  }
}

/* All cells of the page, and the Python that runs them one after the other. */
class Notebook {
  constructor(cells, offers) {
    Object.assign(this, { cells, offers, queue: [], running: null, ready: false });
  }

  open() {
    this.cells.forEach((cell) => cell.open(this));
    this.offers.forEach((offer) => offer.querySelector("button").remove());
    this.start();
  }

  start(words = "Starting Python …") {
    this.ready = false;
    this.tell(words);
    this.worker = new Worker(new URL("worker.js", script), { type: "module" });
    this.worker.onmessage = ({ data }) => this[`on_${data.kind}`](data);
    this.worker.onerror = () => this.on_failed({ text: "its files could not be loaded" });
  }

  tell(words) {
    this.offers.forEach((offer) => (offer.querySelector("p").textContent = words));
  }

  /* Runs a cell, after the cells above it that have not run yet and need no answer of the reader's. */
  run(cell) {
    const above = this.cells.slice(0, cell.number - 1).filter((one) => one.state === "new" && !one.needsAnswer);
    for (const one of [...above, cell]) {
      if (one.state === "waiting" || one.state === "running") continue;
      one.show("waiting", this.ready ? "waiting" : "waiting for Python");
      this.queue.push(one);
    }
    this.next();
  }

  next() {
    if (!this.ready || this.running || !this.queue.length) return;
    const cell = (this.running = this.queue.shift());
    cell.fresh = true;
    cell.show("running", "running …");
    this.worker.postMessage({ cell: cell.number, source: cell.source });
  }

  /* Python cannot be interrupted in a page without more rights than this one asks for: it is ended, and starts afresh. */
  stop() {
    this.worker.terminate();
    this.queue = [];
    this.running = null;
    this.cells.forEach((cell) => cell.show("new", cell.state === "running" ? "stopped" : ""));
    this.start("Stopped. Python starts afresh, and the cells run from the top again.");
  }

  on_progress({ text }) {
    this.tell(text);
  }

  on_ready() {
    this.ready = true;
    this.tell("Python is ready. Change any cell and press Run, or Shift + Enter in the code. Escape, then Tab, leaves the code.");
    this.next();
  }

  on_output({ cell, output }) {
    this.cells[cell - 1].add(output);
  }

  on_done({ good }) {
    const cell = this.running;
    if (cell.fresh) cell.output.replaceChildren();
    cell.show("ran", good ? "ran" : "ended with an error");
    this.running = null;
    this.next();
  }

  on_failed({ text }) {
    this.tell(`Python could not be started here: ${text}. The page can be read all the same.`);
    this.cells.forEach((cell) => cell.show("new", ""));
    this.queue = [];
  }
}

function make(tag, classes = "", text = "") {
  const element = document.createElement(tag);
  if (classes) element.className = classes;
  element.textContent = text;
  return element;
}

function button(text, action, classes = "") {
  const element = make("button", classes, text);
  element.type = "button";
  element.addEventListener("click", action);
  return element;
}

/* Scripts that come in as text do not run by themselves. */
function fill(piece, html) {
  piece.innerHTML = html;
  for (const old of piece.querySelectorAll("script")) {
    const fresh = document.createElement("script");
    for (const { name, value } of old.attributes) fresh.setAttribute(name, value);
    fresh.textContent = old.textContent;
    old.replaceWith(fresh);
  }
}

function offer(before, open, speaks) {
  const box = make("div", "live live-offer");
  const words = box.appendChild(make("p"));
  if (location.protocol === "file:") {
    words.textContent = "To run and change the code of this page, open it by: python do.py site --serve";
  } else {
    words.textContent = "Starts Python in this page (16 MB, once). Nothing is installed, and what you type stays here.";
    words.before(button("Run it here", open, "go"));
  }
  if (speaks) words.setAttribute("role", "status");
  before.before(box);
  return box;
}

function begin() {
  const boxes = [...document.querySelectorAll("div.cell")].filter((box) => box.querySelector(".cell_input pre"));
  if (!boxes.length) return;
  const cells = boxes.map((box, index) => new Cell(box, index + 1));
  const answer = cells.find((cell) => cell.first.includes("raise NotImplementedError()"));
  const notebook = new Notebook(cells, []);
  const places = new Set([boxes[0], answer ? answer.box : boxes[0]]);
  notebook.offers = [...places].map((place) => offer(place, () => notebook.open(), place === boxes[0]));
}

begin();
