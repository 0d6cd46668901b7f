/* The player in a live notebook: step, selection and open groups in sync with Python, and a form that asks "what if". */
function askForm(model, selected, node, answer) {
  const form = document.createElement("form"), kinds = node.rg ? ["values", "grads"] : ["values"];
  form.className = "whatif";
  form.innerHTML = `<label>What if its <select aria-label="What to change">${kinds.map((k) => `<option value="${k}">${k === "grads" ? "gradient" : "value"}</option>`).join("")}</select> were
    <input type="text" size="12" aria-label="New numbers" placeholder="0"></label> <button type="submit">Replay</button>`;
  form.addEventListener("keydown", (event) => event.stopPropagation());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    answer.textContent = "Running it again…";
    model.send({ node: selected, what: form.querySelector("select").value, text: form.querySelector("input").value || "0" });
  });
  return form;
}

async function render({ model, el }) {
  el.innerHTML = model.get("html");
  const figure = el.querySelector("figure"), answer = document.createElement("div");
  answer.setAttribute("aria-live", "polite");
  el.append(answer);
  figure.addEventListener("ktape-inspect", ({ detail: { selected, info, node } }) => {
    if (selected >= 0 && model.get("live")) info.append(askForm(model, selected, node, answer));
  });
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
  model.on("msg:custom", ({ html, error }) => {
    answer.textContent = error ?? "";
    if (!html) return;
    answer.innerHTML = html;
    startPair(answer.firstElementChild);
  });
}

export default { render };
