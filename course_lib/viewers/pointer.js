// Turns mouse, touch, wheel and keys over a picture into text that a kernel can read.
//
// Core ipywidgets know no pointer events. A viewer marks its widgets with classes: the box
// (course-orbit) holds a picture, a caption, a hidden text field to speak through (course-orbit-say)
// and a hidden label with the last message that has been answered (course-orbit-heard). One
// listener on the document serves all viewers, whenever and however often they are shown.
(() => {
  if (window.courseOrbit) return;
  window.courseOrbit = true;
  const PATIENCE = 10000; // milliseconds until an answer is no longer waited for
  const CLICK = 4; // pixels that a finger may slip and still click
  const KEYS = {
    ArrowLeft: [-0.05, 0, 0], ArrowRight: [0.05, 0, 0], ArrowUp: [0, -0.05, 0],
    ArrowDown: [0, 0.05, 0], "+": [0, 0, -1], "=": [0, 0, -1], "-": [0, 0, 1],
  };
  const lines = new WeakMap(); // box → what it still has to say
  const pictureAt = (event) =>
    event.target instanceof Element ? event.target.closest(".course-orbit-picture") : null;

  function say(picture, x, y, zoom, click) {
    const box = picture.closest(".course-orbit");
    if (!box) return;
    if (!lines.has(box))
      lines.set(box, { name: Math.random().toString(36).slice(2, 8), count: 0, since: 0, x: 0, y: 0, zoom: 0 });
    const line = lines.get(box);
    line.x += x;
    line.y += y;
    line.zoom += zoom;
    line.click = click || line.click;
    if (!line.waiting) speak(box, line);
  }

  // One message at a time: whatever moves before the answer is added up and sent as one.
  function speak(box, line) {
    const field = box.querySelector(".course-orbit-say input");
    const heard = box.querySelector(".course-orbit-heard");
    const answered = heard && heard.textContent.trim() === line.name + line.count;
    if (!field || !box.isConnected) { line.waiting = false; return; }
    if (line.count && !answered && performance.now() - line.since < PATIENCE) {
      line.waiting = true;
      requestAnimationFrame(() => speak(box, line));
      return;
    }
    line.waiting = false;
    if (!(line.x || line.y || line.zoom || line.click)) return;
    line.count += 1;
    line.since = performance.now();
    const numbers = [line.x, line.y, line.zoom, ...(line.click || [])].map((n) => n.toFixed(4));
    line.x = line.y = line.zoom = 0;
    line.click = undefined;
    field.value = [line.name + line.count, ...numbers].join(" ");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  let drag = null;
  const listen = (kind, act) => document.addEventListener(kind, act, { capture: true, passive: false });

  listen("pointerdown", (event) => {
    const picture = pictureAt(event);
    if (!picture || event.button !== 0) return;
    event.preventDefault();
    picture.focus({ preventScroll: true });
    try { picture.setPointerCapture(event.pointerId); } catch { /* made by a script, not a hand */ }
    drag = { picture, id: event.pointerId, x: event.clientX, y: event.clientY, far: false };
  });
  listen("pointermove", (event) => {
    if (!drag || event.pointerId !== drag.id) return;
    const [x, y] = [event.clientX - drag.x, event.clientY - drag.y];
    drag.far ||= Math.hypot(x, y) >= CLICK;
    if (!drag.far) return;
    const frame = drag.picture.getBoundingClientRect();
    Object.assign(drag, { x: event.clientX, y: event.clientY });
    say(drag.picture, x / frame.width, y / frame.height, 0);
  });
  listen("pointerup", (event) => {
    if (!drag || event.pointerId !== drag.id) return;
    const { picture, far } = drag;
    drag = null;
    if (far) return;
    const frame = picture.getBoundingClientRect();
    const share = (place, start, length) => Math.min(Math.max((place - start) / length, 0), 1);
    const u = share(event.clientX, frame.left, frame.width);
    say(picture, 0, 0, 0, [u, share(event.clientY, frame.top, frame.height)]);
  });
  listen("pointercancel", () => { drag = null; });
  listen("dragstart", (event) => { if (pictureAt(event)) event.preventDefault(); });
  listen("wheel", (event) => {
    const picture = pictureAt(event);
    if (!picture || !event.deltaY) return;
    event.preventDefault();
    const steps = (event.deltaY * (event.deltaMode ? 33 : 1)) / 100;
    say(picture, 0, 0, Math.min(Math.max(steps, -1), 1));
  });
  listen("keydown", (event) => {
    const picture = pictureAt(event);
    if (!picture || !(event.key in KEYS) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    say(picture, ...KEYS[event.key]);
  });

  // Pictures come into the page after this script, and their words change with them.
  function adopt(picture) {
    const box = picture.closest(".course-orbit");
    const words = box && box.querySelector(".course-orbit-words");
    if (words) picture.alt = `${words.textContent.trim()} Arrow keys drag, + and - zoom.`;
    if (picture.tabIndex === 0) return;
    Object.assign(picture, { tabIndex: 0, draggable: false });
    Object.assign(picture.style, { touchAction: "none", cursor: "grab" });
    if (box) box.dataset.lmSuppressShortcuts = "true"; // JupyterLab's arrow keys would leave the cell
  }
  // Pictures that no hand moves get their words, too: the widget Image has no alt text of its own.
  function describe(picture) {
    const words = picture.nextElementSibling;
    if (!words || !words.classList.contains("course-words")) return;
    const alt = words.textContent.trim();
    if (picture.alt !== alt) picture.alt = alt;
  }
  function adoptAll() {
    document.querySelectorAll(".course-orbit-picture").forEach(adopt);
    document.querySelectorAll(".course-picture:not(.course-orbit-picture)").forEach(describe);
  }
  // A widget gets its classes after it has come into the page.
  const changes = { childList: true, subtree: true, attributes: true, attributeFilter: ["class"] };
  new MutationObserver(adoptAll).observe(document.documentElement, changes);
  listen("load", (event) => { const picture = pictureAt(event); if (picture) adopt(picture); });
  adoptAll();
})();
