/* The graph: where everything stands when some groups are open (as stretch.py), and how it is drawn (as cards.py). */
const WHOLE = 1000, TITLE = 24, GAP = 16, JOG = 8, MARK = 17, LONGEST = 22;
const KINDS = ["leaf", "parameter", "constant", "operator"];
const MARKS = {
  saved: "M1 1h9v12l-4.5 -4l-4.5 4z", shared: "M1 1h8v8h-8zM4 9v4h8v-8h-3", pencil: "M1 13l1 -4l7 -8l3 3l-7 8zM7.5 3.5l3 3",
  failed: "M1 1l11 11M12 1l-11 11", edited: "M6.5 0v13M1 3l11 7M12 3l-11 7",
  differs: "M1 4.5h11M1 8.5h11M10 1l-7 12", alone: "M6.5 0v8M6.5 11v2",
};
const escape = (text) => text.replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;" })[c]);
function clip(text) {
  if ([...text].length <= LONGEST) return text;
  const start = [...text].slice(0, LONGEST - 1).join("");
  if (!start.includes("[") || !start.includes(", ")) return start.replace(/[.…]+$/, "") + "…";
  const depth = (end) => start.slice(0, end).split("[").length - start.slice(0, end).split("]").length;
  let end = start.lastIndexOf(", "), before;
  while ((before = start.lastIndexOf(", ", end - 2)) > 0 && end + 3 + depth(end) > LONGEST) end = before;
  return start.slice(0, end + 2) + "…" + "]".repeat(Math.max(0, depth(end)));
}
const tenths = (v) => Math.floor(v * 10 + 0.5) / 10;
const num = (v) => String(Math.floor(v * 100 + 0.5) / 100);

/* What to add where, so that every span [from, to, need] gets at least the length it needs. */
function grown(spans) {
  const found = [], lack = (s) => s[1] - s[0] - s[2];
  for (const [low, high, need] of spans.sort((a, b) => lack(a) - lack(b) || a[0] - b[0] || a[1] - b[1] || a[2] - b[2])) {
    const more = need - (moved(found, high) - moved(found, low));
    if (more > 0) found.push([low, high, more]);
  }
  return found;
}

function moved(by, at) {
  let sum = 0;
  for (const [low, high, more] of by) sum += more * Math.min(1, Math.max(0, (at - low) / (high - low)));
  return at + sum;
}

/* Boxes, frames and lines of the whole; `levels` as page.py writes them, `open` a set of group numbers. */
function arrange(levels, titles, open) {
  const made = { boxes: new Map(), frames: new Map(), lines: [] }, stretched = new Map();
  const isOpen = (item) => item < 0 && stretched.has(-item);
  const itemAt = (level, place) => level.items[place - level.ins] ?? 0;

  function inner(level, title) {
    const wide = [], high = [];
    level.items.forEach((item, i) => {
      if (!isOpen(item)) return;
      const [x, y, width, height] = level.boxes[level.ins + i], [, , wants, tall] = stretched.get(-item);
      wide.push([x, x + width, wants]);
      high.push([y, y + height, tall]);
    });
    const x = grown(wide), y = grown(high);
    return [x, y, Math.max(moved(x, level.width), title + GAP * (level.ins + 1)), moved(y, level.height) + (title ? TITLE : 0)];
  }

  function box(level, place, byX, byY, x0, y0) {
    const [x, y, width, height] = level.boxes[place], item = itemAt(level, place);
    const low = moved(byX, x), high = moved(byX, x + width);
    const [wide, tall] = isOpen(item) ? stretched.get(-item).slice(2) : [width, height];
    const start = Math.min(Math.max(moved(byX, x + width / 2) - wide / 2, low), high - wide);
    return [x0 + start, y0 + moved(byY, y + height) - tall, wide, tall];
  }

  const besideTitle = (g, left, width, port) => left + Math.max((width * levels[g].tops[port]) / WHOLE, titles[g] + GAP * (port + 0.5));

  function ends(level, line, points, rects) {
    if (line.start >= 0) {
      const [left, , width] = rects[line.start];
      for (let i = 0; i < line.heads; i++) points[i][0] = left + (width * line.leaves) / WHOLE;
    }
    if (line.end >= 0) {
      const [left, top, width] = rects[line.end], item = itemAt(level, line.end);
      const x = isOpen(item) ? besideTitle(-item, left, width, levels[-item].tops.indexOf(line.enters)) : left + (width * line.enters) / WHOLE;
      const tails = line.tails + points.length - line.points.length / 2;
      for (let i = points.length - tails; i < points.length; i++) points[i][0] = x;
      if (tails > 1) points[points.length - 1] = [x, top];
      else if (top > points[points.length - 1][1]) points.push([x, top]);
    }
    if (points.length === 2 && Math.abs(points[0][0] - points[1][0]) <= JOG) {
      if (line.start >= 0 && line.start < level.ins) points[1][0] = points[0][0];
      else if (line.start >= 0 && line.end >= level.ins + level.items.length) points[0][0] = points[1][0];
    }
    for (let i = 1; i < points.length; i++) if (Math.abs(points[i][0] - points[i - 1][0]) <= 1) points[i][0] = points[i - 1][0];
    return points;
  }

  function walk(number, left, top) {
    const level = levels[number], title = titles[number], [byX, byY, width, height] = stretched.get(number);
    const x0 = left + (width - moved(byX, level.width)) / 2, y0 = top + (title ? TITLE : 0);
    const rects = level.boxes.map((_, place) => box(level, place, byX, byY, x0, y0)), below = level.ins + level.items.length;
    level.tops.forEach((_, port) => (rects[port][0] = besideTitle(number, left, width, port) - rects[port][2] / 2));
    level.bottoms.forEach((along, port) => (rects[below + port][0] = left + (width * along) / WHOLE - rects[below + port][2] / 2));
    const add = (key, points) => made.lines.push({ level: number, key, points: points.map((p) => p.map(tenths)) });
    level.lines.forEach((line, key) => {
      const whole = [], low = line.points.length - 1;
      for (let i = 0; i < low; i += 2) whole.push([line.points[i], line.points[i + 1]]);
      if ((byX.length + byY.length || (line.start >= 0 && line.start < level.ins)) && line.end >= 0 && line.tails === 1 && line.points[low] > line.row) whole.splice(-1, 0, [line.points[low - 1], line.row]);
      const points = whole.map(([x, y]) => [x0 + moved(byX, x), y0 + moved(byY, y)]);
      add(key, ends(level, line, points, rects));
    });
    level.tops.forEach((_, port) => {
      const x = besideTitle(number, left, width, port);
      add(-1 - port, [[x, top], [x, rects[port][1]]]);
    });
    if (title) made.frames.set(number, [left, top, width, height].map(tenths));
    level.items.forEach((item, i) => {
      const [x, y, w, h] = rects[level.ins + i];
      if (isOpen(item)) walk(-item, x, y);
      else made.boxes.set(item, [tenths(x), tenths(y), w, h]);
    });
  }

  for (let number = levels.length - 1; number >= 0; number--)
    if (open.has(number)) stretched.set(number, inner(levels[number], titles[number]));
  [, , made.width, made.height] = stretched.get(0);
  walk(0, 0, 0);
  return made;
}

function pathOf(points) {
  let drawn = `M${num(points[0][0])} ${num(points[0][1])}`;
  for (let i = 1; i < points.length; i++) {
    const [x0, y0] = points[i - 1], [x1, y1] = points[i], middle = (y0 + y1) / 2;
    drawn += x0 === x1 ? `V${num(y1)}` : `C${num(x0)} ${num(middle)} ${num(x1)} ${num(middle)} ${num(x1)} ${num(y1)}`;
  }
  return drawn;
}

function drawLine(points, arrives, leaves) {
  const [x0, y0] = points[0], [x1, y1] = points[points.length - 1];
  return `<path d="${pathOf(points)}"/>` +
    (arrives ? `<path class="h" d="M${num(x1 - 4)} ${num(y1 - 7)}l4 6l4 -6"/>` : "") +
    (leaves ? `<path class="u" d="M${num(x0 - 4)} ${num(y0 + 7)}l4 -6l4 6"/>` : "");
}

const CELLS = '<path class="i" d="M8.5 13.5h17v7h-17zM14 13.5v7M20 13.5v7"/>';
const FLAG = '<path class="flag" d="M8.5 14V5.5h9l-2.5 2.5 2.5 2.5h-9"/>';
const iconOf = (kind, symbol) => kind === 3 ? `<circle class="i" cx="17" cy="15" r="9"/><text class="o" x="17" y="19">${symbol}</text>` : CELLS + (kind === 2 ? "" : FLAG);

const gradText = (kind, grad) => kind < 2 ? (grad === null ? "no grad yet" : clip("grad " + grad)) : grad === null ? "" : clip(grad);

/* The inside of a node's card; `now` is {value, grad, holds} of this step. */
function drawCard(node, width, height, now) {
  const corner = node.kind === 3 ? 16 : 3, named = node.name && node.kind === 3;
  const name = named ? `<tspan class="s"> → ${escape(node.name)}</tspan>` : "";
  const marks = [...node.marks, ...(now.holds < 0 ? [] : [now.holds ? "saved" : "saved freed"])].reverse();
  return `<rect class="b" width="${width}" height="${height}" rx="${corner}"/>` +
    (node.kind === 1 ? `<path class="bar" d="M1 4V${height - 4}"/>` : "") + iconOf(node.kind, node.symbol) +
    `<text class="t" x="32" y="19">${escape(clip(node.short))}${name}</text>` +
    `<text class="s" x="${width - 9}" y="19" text-anchor="end">${node.shape}</text>` +
    `<text class="v${now.value === null ? " none" : ""}" x="10" y="38">${escape(clip(now.value ?? (node.marks.includes("failed") ? "failed" : "value not kept")))}</text>` +
    marks.map((mark, i) => `<path class="m ${mark}" transform="translate(${width - 6 - MARK * (i + 1)},27)" d="${MARKS[mark.split(" ")[0]]}"/>`).join("") +
    (node.rg ? drawSlot(width, node.kind < 3 ? 3 : 8, escape(gradText(node.kind, now.grad))) : "");
}

const drawSlot = (width, corner, text) =>
  `<rect class="g" x="7" y="45" width="${width - 14}" height="16" rx="${corner}"/>` +
  `<text class="g" x="${num(width / 2)}" y="57">${text}</text>`;

function drawBox(group, width, height, slot) {
  return `<path class="pile" d="M${width} 5h4V${height - 5}h-4"/>` +
    `<rect class="b" width="${width}" height="${height}" rx="6"/>` +
    `<path class="i" d="M9.5 8.5h13v13h-13zM12 15h8M16 11v8"/>` +
    `<text class="t" x="30" y="19">${escape(group.title)}</text><text class="s" x="10" y="38"> ${group.about} </text>` +
    (slot ? drawSlot(width, 3, slot) : "");
}

const drawTitle = (group) =>
  `<rect class="b" x="3" y="3" width="${group.wide - 6}" height="19" rx="5"/>` +
  `<path class="i" d="M8.5 6.5h12v12h-12zM11 12.5h7"/><text class="t" x="26" y="17">${escape(group.title)}</text>`;
