/* What the inspector says of a node or a group at a step. */
const row = (term, words) => `<dt>${term}</dt><dd>${words}</dd>`;
const slug = (kind, symbol) => `<svg class="kt" width="26" height="24" viewBox="4 2 26 24" aria-hidden="true"><g class="n ${KINDS[kind]}">${iconOf(kind, symbol)}</g></svg>`;
const link = (tape, i) => `<button type="button" class="go" data-node="${i}">${escape(whoOf(tape, i))}${shaped(tape.nodes[i])}</button>`;
const shaped = ({ shape }) => (shape && shape !== "[]" ? ` <small>${shape}</small>` : "");
const step = ([, k]) => `<button type="button" class="go" data-step="${k}">step ${k}</button>`;
const links = (tape, some) => some.slice(0, 8).map((i) => link(tape, i)).join(" ") + (some.length > 8 ? ` and ${some.length - 8} more` : "");
/* Where several are called alike, with its module, or the step in which it ran. */
function whoOf(tape, i) {
  const { path, called } = tape.nodes[i], whole = within(called, path), act = tape.acts[i]?.[0];
  if (tape.alike[called] < 2) return called;
  if (act && tape.alike[whole] > 1) return `${whole}, step ${act[1]}`;
  const use = tape.acts[tape.edges[tape.outof[i]?.[0]]?.to]?.[0];
  return use && tape.alike[whole] > 1 ? `${whole}, used at step ${use[1]}` : whole;
}
const within = (name, path) => (path ? `${name} in ${path}` : name);
const opOf = (node) => node.label.split("(")[0];
/* Which of the operators of its kind it is: 3rd of 16 as "mul 3 of 16"; nothing for the only one. */
const nthOf = (tape, node) => (tape.ran[opOf(node)] > 1 && node.nth ? `${opOf(node)} ${node.nth} of ${tape.ran[opOf(node)]}` : "");
const nameOf = (node) => (node.kind < 3 ? node.name ?? node.label : node.name ? `${node.label} (${node.name})` : node.label);

function bars(counts) {
  const most = Math.max(...counts, 1);
  const drawn = counts.map((count, i) => `<path d="M${i * 14} 32h12v${-Math.round((30 * count) / most)}h-12z"/>`).join("");
  return `<svg class="kt hist" width="138" height="34" role="img" aria-label="How often: ${counts.join(", ")}">${drawn}<path class="base" d="M0 32.5h138"/></svg>`;
}

/* The gradient of a node now, in words; "no grad yet" is not 0. */
function gradWords(node, grad) {
  if (!node.rg) return "none: no gradient flows here";
  if (grad !== null) return `<b class="grad">${escape(grad)}</b>`;
  return node.kind < 2 ? "<i>no grad yet</i>" : "<i>none has come here</i>";
}

const SOON = ["failed", "keeps"]; // what is asked first

function nodeDetails(tape, i, now, given) {
  const node = tape.nodes[i], ins = tape.into[i] ?? [], outs = tape.outof[i] ?? [];
  const told = (some) => some.map(([term, words, counts, to]) => row(term, escape(words) + (counts ? bars(counts) : "") + (to === undefined ? "" : " " + link(tape, to)))).join("");
  const soon = node.facts.filter(([term]) => SOON.includes(term)), where = node.facts.findIndex(([term]) => term === "shape");
  const first = row("value", now.value === null ? "<i>not kept</i>" : `<code>${escape(now.value)}</code>`) +
    row(node.kind < 2 ? "grad" : "gradient arriving", gradWords(node, now.grad)) + told(soon);
  let rows = told(node.facts.slice(0, where).filter((fact) => !soon.includes(fact))) + acted(tape, i);
  if (outs.length) rows += row("used by", links(tape, [...new Set(outs.map((e) => tape.edges[e].to))]));
  if (ins.length) rows += row("computed from", links(tape, ins.map((e) => tape.edges[e].from)));
  if (now.holds >= 0) rows += row("memory", `${now.holds ? "kept" : "free again; was kept"} for backward by ${links(tape, tape.keepers[i] ?? [])}`);
  rows += told(node.facts.slice(where).filter((fact) => !soon.includes(fact)));
  return `<p class="name">${slug(node.kind, node.symbol)}<span>${escape(node.called)}</span></p><dl>${first}</dl>${rules(tape, ins, given)}<dl>${rows}</dl>`;
}

/* The steps in which it acted, as buttons that go there. */
function acted(tape, i) {
  const terms = { forward: "ran at", written: "written at", backward: "gradient at", accumulate: "gradient at" }, found = {};
  for (const act of tape.acts[i] ?? []) (found[terms[act[0]]] ??= []).push(act);
  return Object.entries(found).map(([term, acts]) => row(term, acts.slice(0, 6).map(step).join(" ") + (term === "ran at" && nthOf(tape, tape.nodes[i]) ? ` (${nthOf(tape, tape.nodes[i])})` : "") + (acts.length > 6 ? ` and ${acts.length - 6} more` : ""))).join("");
}

/* For each edge that carries a gradient back: the rule, and what it gave at this step. */
function rules(tape, ins, given) {
  const wanted = ins.filter((e) => tape.nodes[tape.edges[e].from].rg);
  if (!wanted.length) return "";
  const cells = wanted.map((e) => {
    const { from, name, formula } = tape.edges[e];
    const { kind, label, short } = tape.nodes[from], target = kind === 3 ? label.split("(")[0] : short;
    return `<tr><td><button type="button" class="go" data-node="${from}" title="${escape(whoOf(tape, from))}">${escape(target)}</button></td>` +
      `<td>${formula ? `<code>${breakable(formula)}</code>` : name ? escape(name) : "—"}</td>` +
      `<td>${given[e] === undefined ? "<i>not yet</i>" : `<b class="grad">${escape(given[e])}</b>`}</td></tr>`;
  });
  return `<table><thead><tr><th scope="col">passes on to</th><th scope="col">rule</th><th scope="col">gave</th></tr></thead><tbody>${cells.join("")}</tbody></table>`;
}

/* A rule wraps at its operators, never within a name. */
const breakable = (rule) => escape(rule).replace(/[(,*\/@+.]/g, "$&<wbr>");

function groupDetails(tape, g, isOpen, slot) {
  const group = tape.groups[g];
  const rows = row("holds", escape(group.about)) + (slot ? row("leaves", slot) : "") + (group.path ? row("path", escape(group.path)) : "");
  return `<p class="name"><span>${escape(group.title)}</span></p><dl>${rows}</dl><button type="button" class="unfold" data-group="${g}">${isOpen ? "Close" : "Open"} this group</button>`;
}
