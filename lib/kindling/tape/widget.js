/* The player in a live notebook: step, selection and open groups in sync with Python, and a form that asks "what if". */

/* What may be changed at a node: [what, input, words, what it is now]. */
function changes(tape, i) {
  const found = [["values", "", "value", ""]];
  if (tape.nodes[i].rg) found.push(["grads", "", "gradient", ""]);
  for (const { from, name, formula } of (tape.into[i] ?? []).map((e) => tape.edges[e]))
    if (name && tape.nodes[from].rg) found.push(["rules", name, `rule for ${name}`, formula ?? ""]);
  return found;
}

function askForm(tape, selected, ask) {
  const form = document.createElement("form"), kinds = changes(tape, selected);
  form.className = "whatif";
  form.innerHTML = `<label>What if its <select aria-label="What to change">${kinds.map(([, , words], k) => `<option value="${k}">${escape(words)}</option>`).join("")}</select></label>
    <label>were <input type="text" size="14" spellcheck="false" autocomplete="off"></label> <button type="submit">Replay</button><output></output>
    <small hidden></small>`;
  const [choice, field, hint, said] = ["select", "input", "small", "output"].map((part) => form.querySelector(part));
  const chosen = () => kinds[Number(choice.value)];
  choice.addEventListener("change", () => {
    const [what, , , told] = chosen(), rule = what === "rules", now = /[a-z] [a-z]/.test(told) ? "" : told; // words cannot be computed
    const names = (tape.into[selected] ?? []).map((e) => tape.edges[e].name).concat(now.match(/(?<!\.)\b[a-z_]\w*\b(?![.(])/g) ?? []);
    const seen = [...new Set(["g", ...names, "out"])].filter(Boolean).join(", ");
    hint.textContent = `A Python expression. It sees ${seen}, and functions such as exp(g); g is the gradient that arrives.`;
    field.value = now;
    field.placeholder = rule ? "g * 1" : "0";
    field.ariaLabel = rule ? "New rule" : "New numbers";
    form.classList.toggle("rule", rule);
    hint.hidden = !rule;
    said.textContent = "";
  });
  choice.dispatchEvent(new Event("change"));
  form.addEventListener("keydown", (event) => event.stopPropagation());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    said.textContent = "Running it again…";
    const [what, input, words] = chosen(), text = field.value || field.placeholder;
    ask({ node: selected, what, input, text, words: `the ${words} of ${whoOf(tape, selected)} were ${text}` });
  });
  return form;
}

/* Asks Python, and shows below the figure what it answers. Changes add up, until somebody goes back to the run. */
function asker(model, figure, el) {
  const answer = document.createElement("div");
  let form = null, of = null, edits = [], asked = []; // what the answer was computed with, and what was asked last
  el.append(answer);

  const ask = (some) => model.send({ edits: (asked = some) });
  const others = (edit) => edits.filter((e) => e.node !== edit.node || e.what !== edit.what || e.input !== edit.input);

  function button(words, label, act) {
    const made = document.createElement("button");
    Object.assign(made, { type: "button", textContent: words, ariaLabel: label, onclick: act });
    return made;
  }

  function question() {
    const head = document.createElement("p");
    head.append("What if ");
    edits.forEach((edit, k) => {
      head.append(k ? ", and " : "", edit.words);
      if (edits.length > 1) head.append(" ", button("✕", `Take back: ${edit.words}`, () => ask(others(edit))));
    });
    head.append("? ", button("Back to the run", null, backToTheRun));
    return head;
  }

  function backToTheRun() {
    answer.replaceChildren();
    edits = [];
    of = null; // a fresh form
    figure.ktape.select(figure.ktape.now().selected);
    form.querySelector("select").focus();
  }

  figure.addEventListener("ktape-inspect", ({ detail: { selected, info, tape } }) => {
    if (selected < 0 || !model.get("live")) return;
    if (of !== selected) form = askForm(tape, selected, (edit) => ask([...others(edit), edit])); // else what was typed stays
    of = selected;
    info.querySelector("dl:last-of-type").before(form);
  });

  model.on("msg:custom", ({ html, error }) => {
    const said = form.querySelector("output");
    said.textContent = error ?? "The answer is below, beside the run.";
    said.className = error ? "bad" : "";
    if (!html) return said.scrollIntoView({ block: "nearest" });
    edits = asked;
    answer.innerHTML = html;
    const pair = answer.firstElementChild, head = question();
    pair.prepend(head);
    startPair(pair);
    head.scrollIntoView({ block: "nearest" });
  });
}

async function render({ model, el }) {
  el.innerHTML = model.get("html");
  const figure = el.querySelector("figure");
  asker(model, figure, el);
  const handle = await start(figure), names = ["step", "selected", "opened"];
  handle.open(model.get("opened"));
  handle.go(model.get("step"));
  if (model.get("selected") !== null) handle.select(model.get("selected"));
  figure.addEventListener("ktape", ({ detail }) => {
    names.forEach((name) => model.set(name, detail[name]));
    model.save_changes();
  });
  const same = (name) => JSON.stringify(handle.now()[name]) === JSON.stringify(model.get(name));
  const heard = { step: (k) => handle.go(k), selected: (i) => i !== null && handle.select(i), opened: (some) => handle.open(some) };
  names.forEach((name) => model.on(`change:${name}`, () => same(name) || heard[name](model.get(name))));
}

export default { render };
