/* Steps through a tape. No ids: `start` takes a figure as page.py writes it, and gives it its handle `ktape`. */
const FIGURES = '.ktape[data-ktape="2"]:not([data-on])';
const PAIRS = '.ktape[data-ktape="pair"]:not([data-on])';
const PHASES = ["start", "forward", "backward", "accumulate", "written"];
const ARROWS = { start: "", forward: " ↓ forward", backward: " ↑ backward", accumulate: " + grad added", written: " ✎ written" };
const READABLE = 0.8, LEAST = 0.5; // zoom: of what was found; to fit the picture to the width
const EVERY = 256; // steps between two kept states
const MANY = 600; // things that "Open all" shows at most: outer groups first

/* The script's data as objects; page.py packs it. */
function unpack(data) {
  const text = (i) => (i < 0 ? null : data.t[i]);
  const nodes = data.n.map(([kind, label, name, symbol, value, rg, source, shape, words, marks, facts, extra, short, path]) => ({
    kind, rg, source, label: text(label), name: text(name), symbol: escape(text(symbol)), value, shape: text(shape), words: text(words),
    marks: marks.map(text), facts: facts.map(([term, said, counts, to]) => [text(term), text(said), counts, to]), extra: extra.map(text), short: text(short) ?? text(label), path: text(path),
  }));
  const edges = data.e.map(([from, to, name, formula]) => ({ from, to, name: text(name), formula: text(formula) }));
  const groups = data.g.map(([parent, kind, title, wide, about, path]) => ({ parent, kind: text(kind), title: text(title), wide, about: text(about), path: text(path), nodes: [], leaves: [] }));
  const levels = data.l.map(([shape, items, edgesOf, carried]) => {
    const [width, height, boxes, lines, ins, outs, tops, bottoms] = data.y[shape];
    return { width, height, boxes, ins, outs, tops, bottoms, items, carried,
      lines: lines.map(([start, end, leaves, enters, heads, tails, row, parent, points], i) => ({ start, end, leaves, enters, heads, tails, row, parent, points, edges: edgesOf[i] ?? [] })) };
  });
  const tape = { nodes, edges, groups, levels, text, into: {}, outof: {}, keepers: {}, acts: {}, alike: {}, ran: {}, home: [], frames: data.f, titles: groups.map((g) => g.wide) };
  edges.forEach(({ from, to }, e) => ((tape.into[to] ??= []).push(e), (tape.outof[from] ??= []).push(e)));
  nodes.forEach((node, i) => {
    const { kind, value, shape, path } = node, plain = opOf(node), name = nameOf(node);
    node.called = kind === 2 && !node.name && shape === "[]" && value >= 0 ? `${name} ${data.t[value]}` : name;
    for (const alike of new Set([node.called, within(node.called, path)])) tape.alike[alike] = (tape.alike[alike] ?? 0) + 1;
    if (kind === 3) node.nth = (tape.ran[plain] = (tape.ran[plain] ?? 0) + 1);
    for (const [term, , , to] of node.facts) if (term === "keeps" && to !== undefined && !tape.keepers[to]?.includes(i)) (tape.keepers[to] ??= []).push(i);
  });
  data.f.forEach(([phase, , active], k) => active >= 0 && (tape.acts[active] ??= []).push([PHASES[phase], k]));
  for (let g = levels.length - 1; g >= 0; g--)
    for (const item of levels[g].items) {
      groups[g].nodes.push(...(item < 0 ? groups[-item].nodes : [item]));
      if (item >= 0) tape.home[item] = g;
    }
  for (const group of groups) {
    group.leaves = group.nodes.filter((i) => nodes[i].kind < 2);
    group.owned = group.leaves.every((i) => nodes[i].kind === 1);
  }
  return tape;
}

/* The picture after frame k; kindling.tape.story.final does the same for the end. */
function history({ nodes, edges, frames }) {
  const fresh = () => ({ at: -1, run: 0, kept: 0, shown: new Uint8Array(nodes.length), grads: new Int32Array(nodes.length).fill(-1),
    values: Int32Array.from(nodes, (n) => n.value), passed: new Uint8Array(edges.length), holds: new Int16Array(nodes.length).fill(-1), given: new Int32Array(edges.length).fill(-1) });
  const copy = (s) => Object.fromEntries(Object.entries(s).map(([k, v]) => [k, v.slice ? v.slice() : v]));
  const kept = new Map();
  let state = fresh();

  function apply([phase, , , shows, grads = [], values = [], carries = [], newRun, memory = -1, saves = [], frees = [], passes = []]) {
    for (const i of shows ?? []) state.shown[i] = 1;
    if (newRun) {
      state.passed.fill(0);
      state.given.fill(-1);
      nodes.forEach((node, i) => { if (node.kind === 3) state.grads[i] = -1; });
    }
    for (let i = 0; i < grads.length; i += 2) state.grads[grads[i]] = grads[i + 1];
    for (let i = 0; i < values.length; i += 2) state.values[values[i]] = values[i + 1];
    if (phase === 2) for (const e of carries) state.passed[e] = 1;
    if (memory >= 0) state.kept = memory;
    for (const i of saves) state.holds[i] = Math.max(0, state.holds[i]) + 1;
    for (const i of frees) state.holds[i] = Math.max(0, state.holds[i] - 1);
    for (let i = 0; i < passes.length; i += 2) state.given[passes[i]] = passes[i + 1];
  }

  return (k) => {
    if (k < state.at) {
      const near = kept.get(Math.floor(k / EVERY) * EVERY);
      state = near ? copy(near) : fresh();
    }
    while (state.at < k) {
      apply(frames[++state.at]);
      if (state.at % EVERY === 0 && !kept.has(state.at)) kept.set(state.at, copy(state));
    }
    return state;
  };
}

/* Buttons, slider and clock of a bar; `go` is called with the step to show, and calls `show` when it is there. */
function transport(bar, last, say, go) {
  const one = (selector) => bar.querySelector(selector), slider = one("input");
  let timer = 0, step = last;

  function play(on) {
    clearInterval(timer);
    timer = 0;
    say.setAttribute("aria-live", on ? "off" : "polite"); // a running film would talk without end
    one(".play").textContent = on ? "Pause" : "Play";
    if (!on) return;
    if (step === last) go(0);
    timer = setInterval(() => {
      if (!bar.isConnected || step >= last) return play(false);
      go(step + 1);
      if (step >= last) play(false);
    }, 1100);
  }

  bar.querySelectorAll("[data-go]").forEach((button) => button.addEventListener("click", () => (play(false), go(step + Number(button.dataset.go)))));
  one(".play").addEventListener("click", () => play(!timer));
  slider.addEventListener("input", () => (play(false), go(Number(slider.value))));
  bar.hidden = last === 0;
  return (k, words) => {
    step = k;
    slider.value = k;
    slider.setAttribute("aria-valuetext", words);
    one(".count").textContent = `${k} of ${last}`;
    one('[data-go="-1"]').ariaDisabled = k === 0; // a button that is disabled loses the focus
    one('[data-go="1"]').ariaDisabled = k === last;
    const mark = one(".kept i");
    if (mark) mark.style.left = `${last ? (100 * k) / last : 0}%`;
  };
}

/* To JupyterLab an arrow leaves the cell and an x cuts it: keys without ctrl and the like stay here. */
const keepKeys = (place) => place.addEventListener("keydown", (event) => event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.stopPropagation());

const inflate = (text) => new Response(new Blob([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))]).stream().pipeThrough(new DecompressionStream("deflate"))).json();

async function start(figure) {
  figure.dataset.on = "1";
  keepKeys(figure);
  const one = (selector) => figure.querySelector(selector), all = (selector) => [...figure.querySelectorAll(selector)];
  const data = await inflate(one('script[type="text/plain"]').textContent), tape = unpack(data), at = history(tape);
  const { nodes, groups, levels, text } = tape, last = tape.frames.length - 1;
  const view = one(".view"), svg = one(".view svg"), say = one(".say"), info = one(".info");
  const open = new Set(data.o), code = listing(figure, tape);
  const scene = stage(svg, tape, open), { seen, standIn } = scene;
  const lens = zoomer(view, svg, () => [scene.placed().width, scene.placed().height]);
  const paint = () => scene.paint(state, selected, frame());
  const rebuild = () => (scene.rebuild(), lens.resize());
  let step = last, selected = null, state;

  const words = (frame) => (frame[1] ?? []).map(text).join("");
  const frame = () => { const [phase, , active = -1, , , , carries = []] = tape.frames[step]; return { phase: PHASES[phase], active: active ?? -1, carries }; };

  function inspect() {
    if (selected === null) return;
    const given = {}, held = document.activeElement, within = info.contains(held);
    if (selected >= 0) for (const e of tape.into[selected] ?? []) if (state.given[e] >= 0) given[e] = text(state.given[e]);
    info.innerHTML = selected >= 0 ? nodeDetails(tape, selected, nowOf(tape, state, selected), given) : groupDetails(tape, -selected, open.has(-selected), slotOf(groups[-selected], state));
    one('[data-tab="details"]').textContent = `Details: ${selected >= 0 ? nodes[selected].called : groups[-selected].title}`;
    figure.dispatchEvent(new CustomEvent("ktape-inspect", { detail: { selected, info, tape } }));
    if (within) (info.contains(held) ? held : info).focus({ preventScroll: true });
  }

  function tell() {
    figure.dispatchEvent(new CustomEvent("ktape", { bubbles: true, detail: now() }));
  }

  const now = () => ({ step, selected, opened: [...open].filter((g) => g > 0).sort((a, b) => a - b) });

  function go(k, quiet) {
    step = Math.max(0, Math.min(last, k));
    state = at(step);
    const { phase, active } = frame();
    if (active >= 0) selected = active;
    paint();
    shown(step, `step ${step} of ${last}, ${phase}`);
    const head = document.createElement("b");
    head.textContent = `Step ${step}${ARROWS[phase]}. `;
    head.className = { pass: "back", wrote: "wrote" }[LOOKS[phase]] ?? "";
    say.replaceChildren(head, words(tape.frames[step]));
    inspect();
    if (one(".kept")) one(".scale .now").textContent = `kept for backward: ${state.kept.toLocaleString("en")} bytes`;
    code.show(active, tape.frames[step][12]); // from here on the page is measured: what is written later would be laid out twice
    if (active >= 0) lens.keepInView(seen.get(standIn(active)).rect);
    if (!quiet) tell();
  }

  /* Selects a node (from 0 on) or a group (below 0); a hidden node's groups open. */
  function select(item, focus, quiet) {
    let shut = false;
    for (let g = item < 0 ? groups[-item].parent : tape.home[item]; g > 0; g = groups[g].parent) if (!open.has(g)) { open.add(g); shut = true; }
    if (shut) rebuild();
    selected = item;
    const key = keyFor(item);
    scene.focusOn(key);
    paint();
    inspect();
    if (item >= 0) code.show(item);
    if (focus) seen.get(key)?.el.focus({ preventScroll: true });
    lens.keepInView(seen.get(key).rect);
    if (!quiet) tell();
  }

  const chosen = () => selected !== null && seen.get(keyFor(standIn(selected)))?.rect;
  const keyFor = (item) => (item < 0 && open.has(-item) ? "f" + -item : item);

  function toggle(g, focus) {
    if (open.has(g)) for (const inner of open) { for (let p = inner; p > 0; p = groups[p].parent) if (p === g) open.delete(inner); }
    else open.add(g);
    hold();
    rebuild();
    select(-g, focus);
  }

  /* The window stays as high as it is when less is to be seen. */
  const hold = () => view.style.setProperty("--high", `min(${view.offsetHeight}px, 78vh)`);

  function setOpen(some, quiet) {
    open.clear();
    [0, ...some].forEach((g) => groups[g] && open.add(g));
    for (const g of [...open]) for (let p = groups[g].parent; p > 0; p = groups[p].parent) open.add(p);
    if (!quiet) hold();
    rebuild();
    if (selected !== null) selected = standIn(selected);
    paint();
    inspect();
    if (chosen()) lens.keepInView(chosen());
    if (!quiet) tell();
  }

  function outer() {
    const found = [0];
    let things = 0;
    for (const g of found) {
      things += levels[g].items.length;
      if (things < MANY) found.push(...levels[g].items.filter((item) => item < 0).map((item) => -item));
    }
    return found;
  }

  const keyOf = (target) => {
    const el = target.closest?.("[data-node],[data-group]");
    if (!el) return undefined;
    return el.dataset.node !== undefined ? Number(el.dataset.node) : el.classList.contains("ft") ? "f" + el.dataset.group : -Number(el.dataset.group);
  };
  const itemOf = (key) => (typeof key === "string" ? -Number(key.slice(1)) : key);

  function onKey(event) {
    const key = keyOf(event.target);
    if (key === undefined) return;
    const parent = typeof key === "string" ? Number(key.slice(1)) : key >= 0 ? tape.home[key] : groups[-key].parent;
    if ((event.key === "Enter" || event.key === " ") && itemOf(key) < 0) toggle(-itemOf(key), true);
    else if (event.key === "Escape" && parent > 0) toggle(parent, true);
    else {
      const to = scene.neighbour(key, event.key);
      if (to !== undefined) select(itemOf(to), true);
      else if (!event.key.startsWith("Arrow")) return; // which would scroll
    }
    event.preventDefault();
    event.stopPropagation();
  }

  function controls() {
    finder(one(".tools"), tape, (item) => {
      select(item);
      lens.centre(seen.get(keyFor(item)).rect, READABLE);
    });
    const zooms = { in: () => lens.by(1.25, chosen()), out: () => lens.by(0.8, chosen()), fit: () => lens.fit(LEAST, chosen() || [0, 0, 0, 0]) };
    all("[data-zoom]").forEach((button) => button.addEventListener("click", zooms[button.dataset.zoom]));
    all("[data-open]").forEach((button) => button.addEventListener("click", () => setOpen(button.dataset.open === "all" ? outer() : [])));
    info.addEventListener("click", ({ target }) => {
      const node = target.closest("[data-node]"), group = target.closest(".unfold"), at = target.closest("[data-step]");
      if (node) select(Number(node.dataset.node));
      else if (at) go(Number(at.dataset.step));
      else if (group) toggle(Number(group.dataset.group));
    });
    code.rows.forEach((line, k) => line.addEventListener("click", () => {
      const made = nodes.flatMap((node, i) => (node.source && node.source[0] === k ? [i] : []));
      if (made.length) select(made[(made.indexOf(selected) + 1) % made.length]);
    }));
    svg.addEventListener("keydown", onKey);
    lens.handOn((target) => {
      const key = keyOf(target);
      if (key === undefined) return;
      if (itemOf(key) < 0) toggle(-itemOf(key), true);
      else select(key, true);
    });
    tabs(figure, view);
    softEdges(view, svg);
    softEdges(info);
    one(".tools").hidden = false;
    if (groups.length < 2) all("[data-open]").forEach((button) => button.remove());
  }

  /* The page opens at the last step: the graph is read from its top, and from the left if something stands there. */
  function showTop() {
    const { boxes, frames } = scene.placed(), top = Math.min(...[...boxes.values()].map(([, y]) => y));
    const row = [...boxes.values()].filter(([, y]) => y < top + 60), around = [...frames.values()].filter(([, y]) => y < top);
    const left = Math.min(...row.map(([x]) => x)), acts = frame().active, active = row.filter((rect) => acts >= 0 && rect === seen.get(standIn(acts)).rect);
    lens.topLeft(Math.min(left, ...around.map(([x]) => x)));
    if (!(active[0] ? active : row).some(lens.shows)) lens.keepInView([left, top, Math.max(...row.map(([x, , width]) => x + width)) - left, 0]);
  }

  const shown = transport(one(".bar"), last, say, (k) => go(k));
  state = at(Number(figure.dataset.start));
  rebuild();
  controls();
  if (nodes.length) {
    lens.fit(READABLE);
    go(Number(figure.dataset.start), true);
    if (step === last) showTop();
  }
  figure.ktape = { go: (k) => go(k, true), select: (i) => (nodes[i] || groups[-i]) && select(i, false, true), open: (some) => setOpen(some, true), placed: scene.placed, now, last };
  return figure.ktape;
}

/* Two recordings side by side: one slider moves both, and what is selected in one is selected in the other. */
async function startPair(pair) {
  pair.dataset.on = "1";
  keepKeys(pair);
  const figures = [...pair.querySelectorAll("figure")], handles = await Promise.all(figures.map(start));
  const { steps, nodes } = JSON.parse(pair.querySelector(":scope > script").textContent), last = steps.length - 1;
  const show = transport(pair.querySelector(":scope > .bar"), last, pair.querySelector(":scope > .differences"), go);
  function go(k, first) {
    const step = Math.max(0, Math.min(last, k));
    handles.forEach((handle, side) => first && handle.now().step === steps[step][side] || handle.go(steps[step][side]));
    show(step, `step ${step} of ${last}`);
  }
  figures.forEach((figure, side) => figure.addEventListener("ktape", ({ detail: { selected } }) => {
    const twin = nodes.find((ends) => ends[side] === selected);
    if (twin) handles[1 - side].select(twin[1 - side]);
  }));
  go(last, true); // where they start, they stand at their tops
}
