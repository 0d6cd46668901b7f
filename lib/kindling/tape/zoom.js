/* The picture in its window: zoom, scrolling, and the hands that do it. `size` gives the picture's [width, height]. */
function zoomer(view, svg, size) {
  let zoom = 1;
  const whole = () => [view.clientWidth, view.clientHeight];

  /* To another zoom; the point (x, y) of the window stays where it is. */
  function set(to, [x, y] = whole().map((v) => v / 2)) {
    const before = zoom, left = view.scrollLeft + x, top = view.scrollTop + y, [width, height] = size();
    zoom = Math.max(0.1, Math.min(3, to));
    svg.style.setProperty("width", `${Math.max(width, 60) * zoom}px`, "important");
    svg.style.setProperty("height", `${Math.max(height, 30) * zoom}px`, "important");
    view.scrollLeft = (left * zoom) / before - x;
    view.scrollTop = (top * zoom) / before - y;
  }

  /* As wide as the window, or `least` where that could not be read; around `rect`, when asked again, as high too. */
  function fit(least, rect) {
    const [wide, high] = whole().map((v, i) => Math.min(1, (v - 4) / size()[i]));
    const to = wide < LEAST ? least : wide, both = Math.min(wide, high);
    set(rect && zoom === to && both >= LEAST ? both : to);
    if (zoom === wide && view.scrollWidth > view.clientWidth) set((view.clientWidth - 4) / size()[0]); // a scroll bar has come
    view.scrollLeft = 0;
    if (rect && to > wide) keepInView(rect);
  }

  /* Larger or smaller around a rectangle of the picture, where that can be seen. */
  function by(factor, rect) {
    const middle = rect && [(rect[0] + rect[2] / 2) * zoom - view.scrollLeft, (rect[1] + rect[3] / 2) * zoom - view.scrollTop];
    set(zoom * factor, middle?.every((v, i) => v > 0 && v < whole()[i]) ? middle : undefined);
  }

  /* To the middle, in each direction in which it cannot be seen. Scrolls the picture only, never the page. */
  function keepInView(rect, always) {
    const [x, y, width, height] = rect.map((v) => v * zoom), [wide, high] = whole();
    const hidden = (low, high, from, room) => always || low < from || high > from + room;
    if (hidden(y, y + height, view.scrollTop, high)) view.scrollTop = y + height / 2 - high / 2;
    if (hidden(x, x + width, view.scrollLeft, wide)) view.scrollLeft = x + Math.min(width, wide - 48) / 2 - wide / 2;
  }

  function centre(rect, least) {
    set(Math.max(zoom, least));
    keepInView(rect, true);
  }

  /* Drag with a mouse, pinch with two fingers, the wheel with ctrl; one finger scrolls as it does everywhere. */
  function handOn(click) {
    let grip = null, pinch = null;
    const at = (x, y) => { const box = view.getBoundingClientRect(); return [x - box.left, y - box.top]; };
    view.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "mouse" && event.button === 0) grip = { x: event.clientX, y: event.clientY, left: view.scrollLeft, top: view.scrollTop, far: false };
    });
    view.addEventListener("pointermove", (event) => {
      if (!grip || !event.buttons) return;
      const dx = event.clientX - grip.x, dy = event.clientY - grip.y;
      if (!grip.far && Math.hypot(dx, dy) > 5) view.setPointerCapture(event.pointerId), (grip.far = true);
      if (grip.far) Object.assign(view, { scrollLeft: grip.left - dx, scrollTop: grip.top - dy });
    });
    view.addEventListener("click", (event) => {
      const moved = grip?.far;
      grip = null;
      if (!moved) click(event.target);
    });
    view.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      set(zoom * Math.exp(-event.deltaY / 300), at(event.clientX, event.clientY));
    }, { passive: false });
    const gap = ({ touches: [a, b] }) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
    view.addEventListener("touchstart", (event) => { if (event.touches.length === 2) pinch = { gap: gap(event), zoom }; }, { passive: true });
    view.addEventListener("touchmove", (event) => {
      if (!pinch || event.touches.length !== 2) return;
      event.preventDefault();
      const [a, b] = event.touches;
      set((pinch.zoom * gap(event)) / pinch.gap, at((a.clientX + b.clientX) / 2, (a.clientY + b.clientY) / 2));
    }, { passive: false });
    view.addEventListener("touchend", (event) => { if (event.touches.length < 2) pinch = null; });
  }

  const topLeft = (x) => view.scrollTo(x * zoom - 8, 0);
  const shows = ([x, , width]) => (x + width) * zoom <= view.scrollLeft + view.clientWidth;

  return { topLeft, shows, fit, by, keepInView, centre, handOn, resize: () => set(zoom) };
}
