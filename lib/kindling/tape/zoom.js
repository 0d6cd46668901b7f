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

  const fit = (least) => set(Math.max(least, Math.min(1, (view.clientWidth - 4) / size()[0])));

  /* Larger or smaller around a rectangle of the picture, where that can be seen. */
  function by(factor, rect) {
    const middle = rect && [(rect[0] + rect[2] / 2) * zoom - view.scrollLeft, (rect[1] + rect[3] / 2) * zoom - view.scrollTop];
    set(zoom * factor, middle?.every((v, i) => v > 0 && v < whole()[i]) ? middle : undefined);
  }

  /* Scrolls the picture only, never the page, and no further than needed. */
  function keepInView(rect) {
    const [x, y, width, height] = rect.map((v) => v * zoom), room = 24;
    const far = (low, high, from, to) => (low >= from && high <= to ? 0 : Math.min(Math.max(0, high + room - to), low - room - from));
    view.scrollTop += far(y, y + height, view.scrollTop, view.scrollTop + view.clientHeight);
    view.scrollLeft += far(x, x + width, view.scrollLeft, view.scrollLeft + view.clientWidth);
  }

  function centre([x, y, width, height], least) {
    set(Math.max(zoom, least));
    const [wide, high] = whole();
    view.scrollLeft = (x + width / 2) * zoom - wide / 2;
    view.scrollTop = (y + height / 2) * zoom - high / 2;
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
      grip.far ||= Math.hypot(dx, dy) > 5;
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
