"use strict";
/* Steps through a tape. No ids and no currentScript: each run of this script starts every tape not yet started. */
(() => {
  const ARROWS = { start: "", forward: " ↓ forward", backward: " ↑ backward", accumulate: " + grad added", written: " ✎ written" };
  const clip = (text) => (text.length <= 22 ? text : text.slice(0, 21) + "…");

  function start(figure) {
    const one = (selector) => figure.querySelector(selector);
    const data = JSON.parse(one('script[type="application/json"]').textContent);
    const { n: nodes, e: edges, p: parents, f: frames } = data;
    const svg = one(".view svg"), view = one(".view"), slider = one("input"), say = one(".say");
    const rows = [...figure.querySelectorAll(".code li")];
    const cards = [...svg.querySelectorAll(".n")], lines = [...svg.querySelectorAll(".e")];
    const last = frames.length - 1;
    let step = last, timer = 0, current = 0, state;

    /* The picture after frame k; kindling.tape.story.final does the same for the end. */
    function stateAt(k) {
      const s = { shown: new Set(), grads: {}, values: {}, passed: new Set() };
      for (const [phase, , , shows, grads, values, carries, newRun] of frames.slice(0, k + 1)) {
        shows.forEach((i) => s.shown.add(i));
        if (newRun) {
          s.passed.clear();
          for (const i in s.grads) if (nodes[i].k === "o") delete s.grads[i];
        }
        Object.assign(s.grads, grads);
        Object.assign(s.values, values);
        if (phase === "backward") carries.forEach((e) => s.passed.add(e));
      }
      return s;
    }

    const withRails = (some) => {
      const all = new Set();
      for (let line of some) for (; line >= 0; line = parents[line]) all.add(line);
      return all;
    };
    const gradOf = (i) => state.grads[i] ?? null;
    const valueOf = (i) => state.values[i] ?? nodes[i].v;

    function describe(i) {
      const node = nodes[i], value = valueOf(i), grad = gradOf(i);
      const none = node.k === "l" ? " No grad yet." : " No gradient has come here.";
      const words = grad === null ? none : ` Gradient ${grad}.`;
      return node.a + (value === null ? "" : ` Value ${value}.`) +
        (node.r ? words : " Does not require grad: no gradient flows here.");
    }

    function paintCard(card, i, active, phase) {
      const grad = gradOf(i), value = valueOf(i), slot = card.querySelector("text.g");
      const marks = { off: !state.shown.has(i), got: grad !== null, on: active, pass: active && (phase === "backward" || phase === "accumulate") };
      for (const mark in marks) card.classList.toggle(mark, marks[mark]);
      if (value !== null) card.querySelector(".v").textContent = clip(value);
      if (slot) {
        const kept = nodes[i].k === "l";
        slot.textContent = grad === null ? (kept ? "no grad yet" : "") : clip(kept ? "grad " + grad : grad);
      }
      card.setAttribute("aria-label", describe(i));
    }

    function paintLines(frame) {
      const on = withRails(frame[6]), back = withRails(state.passed), there = new Set();
      edges.forEach(([from, to], e) => {
        if (state.shown.has(from) && state.shown.has(to)) there.add(e);
      });
      const drawn = withRails(there);
      lines.forEach((line, e) => {
        line.classList.toggle("off", !drawn.has(e));
        line.classList.toggle("back", back.has(e));
        line.classList.toggle("on", on.has(e));
      });
    }

    /* Marks the line and the expression in it that the step belongs to; long listings show what is near. */
    function showSource(i) {
      const [now, from = 0, to = 0] = (i >= 0 && nodes[i].s) || [-1];
      rows.forEach((row, k) => {
        const code = row.querySelector("code"), text = code.textContent, mark = document.createElement("mark");
        row.classList.toggle("now", k === now);
        row.hidden = Math.abs(k - Math.min(Math.max(now, 4), Math.max(4, rows.length - 5))) > 4;
        mark.textContent = text.slice(from, to);
        code.replaceChildren(...(k === now && to ? [text.slice(0, from), mark, text.slice(to)] : [text]));
      });
    }

    /* How full the memory is; steps without a number changed nothing. */
    function showKept() {
      const bar = one(".kept");
      if (!bar) return;
      const known = frames.slice(0, step + 1).map((frame) => frame[8]).filter((kept) => kept !== null);
      const kept = known.length ? known[known.length - 1] : 0;
      bar.querySelector("i").style.width = `${(100 * kept) / Number(bar.dataset.most)}%`;
      bar.querySelector("b").textContent = `${kept.toLocaleString("en")} bytes`;
    }

    function go(k) {
      step = Math.max(0, Math.min(last, k));
      state = stateAt(step);
      const frame = frames[step], [phase, words, active] = frame;
      cards.forEach((card, i) => paintCard(card, i, i === active, phase));
      paintLines(frame);
      slider.value = step;
      slider.setAttribute("aria-valuetext", `step ${step} of ${last}, ${phase}`);
      one(".count").textContent = `${step} of ${last}`;
      const head = document.createElement("b");
      head.textContent = `Step ${step}${ARROWS[phase]}. `;
      head.classList.toggle("back", phase === "backward" || phase === "accumulate");
      say.replaceChildren(head, words);
      showSource(active);
      showKept();
      one('[data-go="-1"]').disabled = step === 0;
      one('[data-go="1"]').disabled = step === last;
      if (active >= 0) keepInView(cards[active]);
    }

    /* Scrolls the picture only, never the page, and no further than needed. */
    function keepInView(card) {
      const box = card.getBoundingClientRect(), frame = view.getBoundingClientRect(), room = 24;
      const far = (low, high, from, to) => Math.max(0, high + room - to) || Math.min(0, low - room - from);
      view.scrollTop += far(box.top, box.bottom, frame.top, frame.bottom);
      view.scrollLeft += far(box.left, box.right, frame.left, frame.right);
    }

    function play(on) {
      clearInterval(timer);
      timer = 0;
      say.setAttribute("aria-live", on ? "off" : "polite"); // a running film would talk without end
      one(".play").textContent = on ? "Pause" : "Play";
      if (!on) return;
      if (step === last) go(0);
      timer = setInterval(() => {
        if (!figure.isConnected || step >= last) return play(false);
        go(step + 1);
        if (step >= last) play(false);
      }, 1100);
    }

    function select(i, focus) {
      cards[current].setAttribute("tabindex", "-1");
      current = i;
      cards[i].setAttribute("tabindex", "0");
      if (focus) cards[i].focus({ preventScroll: true });
      keepInView(cards[i]);
    }

    const tell = (i) => {
      const row = nodes[i].s && rows[nodes[i].s[0]];
      one(".info").textContent = describe(i) + (row ? ` Line ${row.innerText.trim().replace(/\s+/, ": ")}` : "");
    };

    /* Up to an input, down to a use, left and right along the layer. */
    function neighbour(i, key) {
      const seen = (j) => state.shown.has(j);
      if (key === "ArrowUp") return edges.filter((e) => e[1] === i).map((e) => e[0]).find(seen);
      if (key === "ArrowDown") return edges.filter((e) => e[0] === i).map((e) => e[1]).find(seen);
      if (key === "Home") return nodes.findIndex((_, j) => seen(j));
      if (key === "End") return nodes.length - 1 - [...nodes.keys()].reverse().findIndex(seen);
      const side = { ArrowLeft: -1, ArrowRight: 1 }[key];
      const near = (j) => seen(j) && nodes[j].y === nodes[i].y && (nodes[j].x - nodes[i].x) * side > 0;
      if (!side) return undefined;
      return [...nodes.keys()].filter(near).sort((a, b) => (nodes[a].x - nodes[b].x) * side)[0];
    }

    cards.forEach((card, i) => {
      card.setAttribute("tabindex", i === 0 ? "0" : "-1");
      card.addEventListener("mouseenter", () => tell(i));
      card.addEventListener("focus", () => tell(i));
      card.addEventListener("click", () => select(i, true));
      card.addEventListener("keydown", (event) => {
        const to = neighbour(i, event.key);
        if (to === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        select(to, true);
      });
    });
    figure.querySelectorAll("[data-go]").forEach((button) =>
      button.addEventListener("click", () => (play(false), go(step + Number(button.dataset.go)))));
    one(".play").addEventListener("click", () => play(!timer));
    slider.addEventListener("input", () => (play(false), go(Number(slider.value))));
    one(".bar").hidden = last === 0;
    if (cards.length) {
      one(".info").textContent += " Point at a node for its details; arrow keys walk along the edges.";
      go(Number(figure.dataset.start));
    }
  }

  document.querySelectorAll('.ktape[data-ktape="1"]:not([data-on])').forEach((figure) => {
    figure.dataset.on = "1";
    start(figure);
  });
})();
