/* What is seen of the graph: puts it into the picture and paints it as it is at a step. */
const nowOf = ({ text }, state, i) => ({ value: text(state.values[i]), grad: text(state.grads[i]), holds: state.holds[i] });

const LOOKS = { backward: "pass", accumulate: "pass", written: "wrote" }; // of the card that acts

function slotOf(group, state) {
  if (!group.leaves.length) return "";
  const got = group.leaves.filter((i) => state.grads[i] >= 0).length;
  return got ? `${got} of ${group.leaves.length} with a grad` : `${group.owned ? "parameters" : "leaves"}: no grad yet`;
}

function describe(node, { value, grad, holds }) {
  const about = node.words + (value === null ? "" : ` Value ${value}.`) + (holds > 0 ? " Kept for backward." : "");
  if (!node.rg) return about + " Does not require grad: no gradient flows here.";
  return about + (grad !== null ? ` Gradient ${grad}.` : node.kind < 2 ? " No grad yet." : " No gradient has come here.");
}

function stage(svg, tape, open) {
  const { nodes, edges, groups, levels } = tape, seen = new Map(), isOpen = (item) => item < 0 && open.has(-item);
  let state, selected, placed, drawnLines = [], current = null;

  /* The visible thing that stands for a node or a group: itself, or the outermost closed group around it. */
  function standIn(i) {
    let item = i;
    for (let g = i < 0 ? groups[-i].parent : tape.home[i]; g > 0; g = groups[g].parent) if (!open.has(g)) item = -g;
    return item;
  }

  /* Puts everything visible into the picture; needed only when groups open or close. */
  function rebuild() {
    placed = arrange(levels, tape.titles, open);
    const ns = "http://www.w3.org/2000/svg", old = new Map(seen);
    const make = (name) => document.createElementNS(ns, name);
    seen.clear();
    const frames = [...placed.frames].sort((a, b) => a[0] - b[0]), grounds = [], titles = [];
    for (const [g, [x, y, width, height]] of frames) {
      const ground = make("rect"), title = make("g");
      for (const [name, value] of Object.entries({ x, y, width, height })) ground.setAttribute(name, num(value));
      ground.setAttribute("rx", "8");
      title.setAttribute("transform", `translate(${num(x)},${num(y)})`);
      title.innerHTML = drawTitle(groups[g]);
      title.dataset.group = g;
      grounds.push(ground);
      titles.push(title);
      seen.set("f" + g, { ground, el: title, node: null, group: g, key: null, rect: [x, y, groups[g].wide, 24] });
    }
    drawnLines = [...placed.lines].sort((a, b) => a.level - b.level).map(({ level, key, points }) => {
      const el = make("g"), line = levels[level].lines[key], card = (place) => {
        const item = levels[level].items[place - levels[level].ins];
        return place >= 0 && item !== undefined && !isOpen(item);
      };
      el.innerHTML = drawLine(points, key >= 0 && card(line.end), key >= 0 && card(line.start));
      return { el, level, key, marks: null };
    });
    for (const [item, rect] of placed.boxes) {
      const el = old.get(item)?.el ?? make("g");
      el.setAttribute("transform", `translate(${num(rect[0])},${num(rect[1])})`);
      if (item >= 0) el.dataset.node = item;
      else el.dataset.group = -item;
      seen.set(item, { el, rect, node: item >= 0 ? item : null, group: item < 0 ? -item : null, key: null });
    }
    svg.replaceChildren(...grounds, ...drawnLines.map((l) => l.el), ...titles, ...[...placed.boxes.keys()].map((item) => seen.get(item).el));
    svg.setAttribute("viewBox", `0 0 ${num(Math.max(placed.width, 60))} ${num(Math.max(placed.height, 30))}`);
    if (!seen.has(current)) current = [...placed.boxes.keys()][0] ?? null;
    focusOn(current);
    for (const { el, node } of seen.values()) el.setAttribute("role", node === null ? "button" : "img");
  }

  function paintNode(i, { el, rect }, { active, phase }) {
    const node = nodes[i], on = i === active, now = nowOf(tape, state, i);
    const key = [state.shown[i], state.grads[i], state.values[i], state.holds[i], on && phase, i === selected].join();
    if (seen.get(i).key === key) return;
    seen.get(i).key = key;
    el.setAttribute("class", ["n", KINDS[node.kind], !state.shown[i] && "off", now.grad !== null && (now.grad.includes("≠") ? "got wrong" : "got"), on && "on", on && LOOKS[phase], ...node.extra, i === selected && "chosen"].filter(Boolean).join(" "));
    el.setAttribute("aria-label", describe(node, now));
    el.innerHTML = drawCard(node, rect[2], rect[3], now);
  }

  function paintGroup(item, entry, { active, phase }) {
    const group = groups[entry.group], closed = item < 0, slot = slotOf(group, state);
    const shown = group.nodes.some((i) => state.shown[i]), on = closed && active >= 0 && standIn(active) === item;
    const key = [shown, slot, on && phase, selected === -entry.group].join();
    if (entry.key === key) return;
    entry.key = key;
    const off = shown ? "" : " off", chosen = selected === -entry.group ? " chosen" : "";
    if (closed) {
      entry.el.setAttribute("class", `n group${off}${group.leaves.some((i) => state.grads[i] >= 0) ? " got" : ""}${on ? " on" : ""}${(on && LOOKS[phase] && " " + LOOKS[phase]) || ""}${chosen}`);
      entry.el.innerHTML = drawBox(group, entry.rect[2], entry.rect[3], slot);
    } else {
      entry.el.setAttribute("class", `ft${off}${chosen}`);
      entry.ground.setAttribute("class", `f ${group.kind}${off}`);
    }
    entry.el.setAttribute("aria-expanded", String(!closed));
    entry.el.setAttribute("aria-label", closed ? `${group.title}: ${group.about}${slot ? `, ${slot}` : ""}. A closed group.` : `${group.title}. An open group.`);
  }

  function paintLines({ carries }) {
    const on = new Set(carries), bits = (some) => {
      let found = 0;
      for (const e of some) {
        if (state.shown[edges[e].from] && state.shown[edges[e].to]) found |= 1;
        found |= (state.passed[e] && 2) | (on.has(e) && 4);
      }
      return found;
    };
    const lit = new Map();
    for (const g of open) {
      const lines = levels[g].lines, marks = new Uint8Array(lines.length);
      lines.forEach((line, i) => {
        const bit = line.edges.length ? bits(line.edges) : 0;
        for (let l = i; bit && l >= 0; l = lines[l].parent) marks[l] |= bit;
      });
      lit.set(g, marks);
    }
    for (const line of drawnLines) {
      const marks = line.key >= 0 ? lit.get(line.level)[line.key] : bits(levels[line.level].carried[-1 - line.key]);
      if (marks === line.marks) continue;
      line.marks = marks;
      line.el.setAttribute("class", `e${marks & 1 ? "" : " off"}${marks & 2 ? " back" : ""}${marks & 4 ? " on" : ""}`);
    }
  }

  function paint(...look) {
    let now;
    [state, selected, now] = look;
    for (const [item, entry] of seen) entry.node === null ? paintGroup(item, entry, now) : paintNode(item, entry, now);
    paintLines(now);
  }

  /* The one thing that the tab key reaches. */
  function focusOn(key) {
    current = key;
    for (const [k, { el }] of seen) el.setAttribute("tabindex", k === key ? "0" : "-1");
  }

  /* Up to an input, down to a use, left and right along the row. */
  function neighbour(key, arrow) {
    const items = [...seen.keys()].filter((k) => seen.get(k).el.getAttribute("class").indexOf(" off") < 0);
    const shown = (i) => state.shown[i] && standIn(i);
    const inside = typeof key === "string" ? [] : key >= 0 ? [key] : groups[-key].nodes;
    const around = (table, end) => inside.flatMap((i) => (table[i] ?? []).map((e) => edges[e][end])).filter((i) => state.shown[i]).map(standIn).find((k) => k !== key);
    if (arrow === "Home") return items[0];
    if (arrow === "End") return items[items.length - 1];
    if (arrow === "ArrowUp") return around(tape.into, "from");
    if (arrow === "ArrowDown") return around(tape.outof, "to");
    const side = { ArrowLeft: -1, ArrowRight: 1 }[arrow];
    if (!side || shown === null) return undefined;
    const [x, y, width, height] = seen.get(key).rect, middle = x + width / 2;
    const away = (k) => { const [left, , wide] = seen.get(k).rect; return (left + wide / 2 - middle) * side; };
    const level = (k) => { const [, top, , tall] = seen.get(k).rect; return top < y + height && top + tall > y; };
    return items.filter((k) => typeof k !== "string" && level(k) && away(k) > 0).sort((a, b) => away(a) - away(b))[0];
  }

  return { seen, standIn, rebuild, paint, focusOn, neighbour, placed: () => placed };
}
