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
  form.addEventListener("keydown", (event) => event.stopPropagation()); // capitals too
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const [what, input, words] = chosen(), text = field.value || field.placeholder;
    ask({ node: selected, what, input, text, words: `the ${words} of ${whoOf(tape, selected)} were ${text}` });
  });
  return form;
}

const PATIENCE = 5000; // ms until somebody who waits is told why
const LATE = "No answer yet: a long run takes its time, and so does a kernel at work. After a restart, run the cell again.";
const GONE = "No kernel has this tape any more. Run the cell again.";

/* Asks Python, and shows below the figure what it answers. Changes add up, until somebody goes back to the run. */
function asker(model, figure, el) {
  const answer = document.createElement("div");
  let form = null, of = null, edits = [], asked = {}, alarm = 0; // `edits` are what the answer was computed with
  el.append(answer);

  function say(words, bad) {
    const said = form.querySelector("output");
    said.textContent = words;
    said.className = bad ? "bad" : "";
    return said;
  }

  function ask(some) {
    clearTimeout(alarm);
    asked = { id: String(Math.random()), edits: some }; // by its id, an answer is known as the last question's of this view
    say("Running it again…");
    try {
      model.send(asked);
      alarm = setTimeout(say, PATIENCE, LATE, true);
    } catch {
      say(GONE, true);
    }
  }

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
    clearTimeout(alarm);
    answer.replaceChildren();
    edits = [];
    asked = {};
    of = null; // a fresh form
    figure.ktape.select(figure.ktape.now().selected);
    (form.isConnected ? form.querySelector("select") : figure.querySelector(".info")).focus();
  }

  figure.addEventListener("ktape-inspect", ({ detail: { selected, info, tape } }) => {
    if (selected < 0) return;
    if (of !== selected) form = askForm(tape, selected, (edit) => ask([...others(edit), edit])); // else what was typed stays
    of = selected;
    info.querySelector("dl:last-of-type").before(form);
  });

  model.on("msg:custom", ({ html, error, id }) => {
    if (id !== asked.id) return;
    clearTimeout(alarm);
    const said = say(error ?? "The answer is below, beside the run.", error), held = answer.contains(document.activeElement);
    if (!html) return said.scrollIntoView({ block: "nearest" });
    edits = asked.edits;
    answer.innerHTML = html;
    const pair = answer.firstElementChild, head = question();
    pair.prepend(head);
    startPair(pair);
    head.scrollIntoView({ block: "nearest" });
    if (held) head.lastElementChild.focus();
  });
}

async function render({ model, el }) {
  el.innerHTML = model.get("html");
  const figure = el.querySelector("figure"), text = JSON.stringify;
  asker(model, figure, el);
  const handle = await start(figure);
  const moves = { opened: handle.open, step: handle.go, selected: (i) => i !== null && handle.select(i) };
  const said = {}; // what Python and this know of each other

  function tell() {
    const now = handle.now(), news = Object.keys(now).filter((name) => text(now[name]) !== text(model.get(name)));
    Object.assign(said, now);
    news.forEach((name) => model.set(name, now[name]));
    if (news.length) model.save_changes();
  }

  function hear() {
    for (const name in moves) {
      const wanted = model.get(name);
      if (text(wanted) === text(said[name])) continue;
      said[name] = wanted;
      if (text(wanted) !== text(handle.now()[name])) moves[name](wanted); // a step chooses its node by itself
    }
  }

  hear();
  figure.addEventListener("ktape", tell);
  model.on("change", () => queueMicrotask(hear)); // all that was set together is heard together
}

export default { render };
