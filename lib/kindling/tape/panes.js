/* What stands around the picture: the user's lines, the tabs of a narrow page, the search. */

/* Marks the line that made a node and the expression in it, else the line that first used it, and moves there. */
function listing(figure, tape) {
  const rows = [...figure.querySelectorAll(".code li:not(.file)")];
  const sourceOf = (i) => tape.nodes[i].source || (tape.outof[i] ?? []).map((e) => tape.nodes[tape.edges[e].to].source).find(Boolean);
  function show(i, wrote) {
    const [now, from = 0, to = 0] = wrote || (i >= 0 && sourceOf(i)) || [-1];
    for (const old of figure.querySelectorAll(".code .now")) {
      old.classList.remove("now");
      old.querySelector("code").textContent = old.querySelector("code").textContent;
    }
    if (now < 0) return;
    const line = rows[now], code = line.querySelector("code"), said = code.textContent, mark = document.createElement("mark");
    line.classList.add("now");
    mark.textContent = said.slice(from, to);
    code.replaceChildren(...(to ? [said.slice(0, from), mark, said.slice(to)] : [said]));
    const pane = line.parentElement, top = line.offsetTop - pane.offsetTop;
    if (top < pane.scrollTop || top + line.offsetHeight > pane.scrollTop + pane.clientHeight) pane.scrollTop = top - pane.clientHeight / 2;
  }
  return { rows, show };
}

/* On a narrow page one pane shows at a time: by a tab, or by a swipe where the picture cannot scroll further. */
function tabs(figure, view) {
  const names = ["graph", "source", "details"], buttons = [...figure.querySelectorAll("[data-tab]")];
  const bar = figure.querySelector(".tabs"), panes = figure.querySelector(".panes");
  const show = (name) => {
    figure.dataset.tab = name;
    buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.tab === name)));
  };
  buttons.forEach((button) => button.addEventListener("click", () => show(button.dataset.tab)));
  let from = null;
  panes.addEventListener("touchstart", ({ touches, target }) => {
    const inView = view.contains(target), end = view.scrollWidth - view.clientWidth - 1;
    from = touches.length > 1 ? null : { x: touches[0].clientX, y: touches[0].clientY, left: !inView || view.scrollLeft <= 1, right: !inView || view.scrollLeft >= end };
  }, { passive: true });
  panes.addEventListener("touchend", ({ changedTouches: [touch] }) => {
    if (!from || getComputedStyle(bar).display === "none") return;
    const dx = touch.clientX - from.x, dy = touch.clientY - from.y, by = dx < 0 ? 1 : -1;
    if (Math.abs(dx) > 60 && Math.abs(dy) < Math.abs(dx) / 2 && (by > 0 ? from.right : from.left)) show(names[Math.max(0, Math.min(2, names.indexOf(figure.dataset.tab) + by))]);
    from = null;
  });
  bar.hidden = false;
  show("graph");
}

/* A soft edge on each side to which a pane can be scrolled further. */
function softEdges(pane, inside) {
  const { style } = pane.parentElement;
  function look() {
    const { scrollLeft: x, scrollTop: y, scrollWidth, scrollHeight, clientWidth, clientHeight } = pane;
    const more = { "--l": x > 1, "--t": y > 1, "--r": x + clientWidth < scrollWidth - 1, "--b": y + clientHeight < scrollHeight - 1 };
    for (const side in more) style.setProperty(side, more[side] ? "14px" : "0px");
  }
  const sizes = new ResizeObserver(look);
  [pane, inside ?? pane].forEach((one) => sizes.observe(one));
  new MutationObserver(() => requestAnimationFrame(look)).observe(pane, { childList: true });
  pane.addEventListener("scroll", look, { passive: true });
}

/* What these words call: so called exactly, in the order in which it ran, then what else holds them, then groups (below
   0), by title or path; by line only when nothing is so called. */
function sought(tape, words) {
  const wanted = words.trim().toLowerCase();
  if (!wanted) return [];
  const holds = (...parts) => parts.some((part) => part?.toLowerCase().includes(wanted));
  const groups = [...tape.groups.keys()].filter((g) => g > 0 && holds(tape.groups[g].title, tape.groups[g].path)).map((g) => -g);
  const named = [...tape.nodes.keys()].filter((i) => holds(tape.nodes[i].label, tape.nodes[i].name));
  const exact = ({ label, name }) => [label, name, label.split("(")[0]].some((part) => part?.toLowerCase() === wanted);
  const found = [true, false].flatMap((yes) => named.filter((i) => exact(tape.nodes[i]) === yes)).concat(groups);
  return found.length ? found : [...tape.nodes.keys()].filter((i) => tape.nodes[i].facts.some(([, said]) => holds(said)));
}

/* The search field: each time the next of what it found goes to `reach`. */
function finder(tools, tape, reach) {
  const field = tools.querySelector("input"), found = tools.querySelector(".found");
  let hits = [], hit = -1;
  function next() {
    if (!hits.length) { hits = sought(tape, field.value); hit = -1; }
    if (!hits.length) { found.textContent = field.value.trim() ? "not found" : ""; return; }
    hit = (hit + 1) % hits.length;
    const { title, path } = tape.groups[-hits[hit]] ?? {}, nth = title ? "" : nthOf(tape, tape.nodes[hits[hit]]);
    const what = title ? path + (path ? title.slice(title.indexOf(":")) : title) : nth ? within(nth, tape.nodes[hits[hit]].path) : whoOf(tape, hits[hit]);
    found.textContent = found.title = `${hit + 1} of ${hits.length}: ${what}`;
    reach(hits[hit]);
  }
  field.addEventListener("input", () => { hits = []; found.textContent = ""; });
  field.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); next(); } event.stopPropagation(); });
  tools.querySelector(".next").addEventListener("click", next);
}
