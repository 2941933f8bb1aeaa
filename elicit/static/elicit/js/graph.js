/* Moving about the moral graph. The picture is complete without this: every value is a link and the frame scrolls.
   Expects .graph-frame > svg.graph[viewBox] with a.graph-node[data-id] and path.graph-edge[data-from][data-to] (to = wiser).
   One tab stop: Up goes to a wiser value, Down to one it is wiser than, Left and Right along the layer, Enter opens, Escape clears.
   Both load a page anew; the address then names the value in "#value=", and the focus goes back to it there. */
const ZOOM = 1.25;
const CLOSEST = 0.15;
const PAN_STEP = 0.1;
const READABLE = 0.8; // pixels a unit: below this the words are too small to begin with
const RETURN = "#value=";
const LARGEST = 1.1; // above this a small graph would only look crude

function centre(node) {
  const box = node.getBBox();
  const matrix = node.getCTM();
  const root = node.ownerSVGElement.getCTM();
  const point = new DOMPoint(box.x + box.width / 2, box.y + box.height / 2);
  return point.matrixTransform(root.inverse().multiply(matrix));
}

function nearest(nodes, x) {
  return nodes.reduce((best, node) => {
    return !best || Math.abs(centre(node).x - x) < Math.abs(centre(best).x - x) ? node : best;
  }, null);
}

class Camera {
  constructor(svg, frame) {
    this.svg = svg;
    this.frame = frame;
    const { x, y, width, height } = svg.viewBox.baseVal;
    this.whole = { x, y, width, height };
    this.read() || this.open();
  }

  /* The view in which one unit has `scale` pixels, with (x, y) in its middle. */
  framed(scale, { x, y }) {
    const width = this.svg.clientWidth / scale;
    const height = this.svg.clientHeight / scale;
    return { x: x - width / 2, y: y - height / 2, width, height };
  }

  fitting() {
    return Math.min(this.svg.clientWidth / this.whole.width, this.svg.clientHeight / this.whole.height, LARGEST);
  }

  fit() {
    const { x, y, width, height } = this.whole;
    this.view = this.framed(this.fitting(), { x: x + width / 2, y: y + height / 2 });
    this.show();
  }

  /* Begin with all of it if that can be read, else around the chosen value, else where reading begins. */
  open() {
    this.fit();
    if (this.fitting() >= READABLE) return;
    const chosen = ["is-selected", "is-path"].map((look) => this.svg.querySelector(`a.${look}`)).find(Boolean);
    const view = this.framed(READABLE, chosen ? centre(chosen) : this.whole);
    const within = (at, size, from, room) => (size >= room ? from + (room - size) / 2 : Math.min(Math.max(at, from), from + room - size));
    view.x = within(view.x, view.width, this.whole.x, this.whole.width);
    view.y = within(view.y, view.height, this.whole.y, this.whole.height);
    this.view = view;
    this.show();
  }

  show() {
    const { x, y, width, height } = this.view;
    this.svg.setAttribute("viewBox", `${x} ${y} ${width} ${height}`);
    this.frame.dispatchEvent(new CustomEvent("graph:viewed", { detail: { view: this.view, whole: this.whole } }));
  }

  read() {
    const found = /(?:^#|&)at=([-\d.]+),([-\d.]+),([\d.]+)/.exec(location.hash);
    if (!found) return false;
    const [x, y, width] = found.slice(1).map(Number);
    this.view = { x, y, width, height: (width * this.svg.clientHeight) / this.svg.clientWidth };
    this.show();
    return width > 0;
  }

  remember() {
    const { x, y, width } = this.view;
    history.replaceState(null, "", `#at=${[x, y, width].map((n) => n.toFixed(0)).join(",")}`);
  }

  unitsPerPixel() {
    return 1 / this.svg.getScreenCTM().a;
  }

  toDrawing(clientX, clientY) {
    return new DOMPoint(clientX, clientY).matrixTransform(this.svg.getScreenCTM().inverse());
  }

  pan(dx, dy) {
    this.view.x += dx;
    this.view.y += dy;
    this.show();
  }

  zoom(factor, around) {
    const width = Math.min(Math.max(this.view.width / factor, this.whole.width * CLOSEST), this.whole.width * 2);
    const scale = width / this.view.width;
    const at = around || { x: this.view.x + this.view.width / 2, y: this.view.y + this.view.height / 2 };
    this.view = {
      x: at.x - (at.x - this.view.x) * scale,
      y: at.y - (at.y - this.view.y) * scale,
      width,
      height: this.view.height * scale,
    };
    this.show();
  }

  reveal(node) {
    const box = node.getBoundingClientRect();
    const frame = this.frame.getBoundingClientRect();
    const units = this.unitsPerPixel();
    const over = (low, high, from, to) => (low < from ? low - from : high > to ? high - to : 0);
    this.pan(over(box.left, box.right, frame.left + 16, frame.right - 16) * units,
      over(box.top, box.bottom, frame.top + 16, frame.bottom - 16) * units);
  }
}

function followPointer(camera) {
  const pointers = new Map();
  let moved = 0;

  function spread() {
    const [a, b] = [...pointers.values()];
    return { size: Math.hypot(a.x - b.x, a.y - b.y), x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  }

  camera.frame.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.target.closest(".graph-tools")) return;
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (pointers.size === 1) moved = 0;
  });
  window.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const old = pointers.size === 2 && spread();
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const dx = event.clientX - before.x;
    const dy = event.clientY - before.y;
    moved += Math.abs(dx) + Math.abs(dy);
    const units = camera.unitsPerPixel();
    camera.pan((-dx * units) / pointers.size, (-dy * units) / pointers.size);
    if (old && old.size > 0) {
      const now = spread();
      camera.zoom(now.size / old.size, camera.toDrawing(now.x, now.y));
    }
    camera.frame.classList.toggle("is-dragging", moved > 4);
  });
  function release(event) {
    if (!pointers.delete(event.pointerId)) return;
    camera.frame.classList.remove("is-dragging");
    if (moved > 4) camera.remember();
  }
  window.addEventListener("pointerup", release);
  window.addEventListener("pointercancel", release);
  camera.frame.addEventListener("dragstart", (event) => event.preventDefault());
  camera.frame.addEventListener("click", (event) => {
    if (moved > 4) event.preventDefault();
    moved = 0;
  }, true);
  camera.frame.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    camera.zoom(event.deltaY < 0 ? 1.1 : 1 / 1.1, camera.toDrawing(event.clientX, event.clientY));
  }, { passive: false });
}

function useTools(camera) {
  const acts = {
    in: () => camera.zoom(ZOOM),
    out: () => camera.zoom(1 / ZOOM),
    fit: () => camera.fit(),
    left: () => camera.pan(-camera.view.width * PAN_STEP, 0),
    right: () => camera.pan(camera.view.width * PAN_STEP, 0),
    up: () => camera.pan(0, -camera.view.height * PAN_STEP),
    down: () => camera.pan(0, camera.view.height * PAN_STEP),
  };
  camera.frame.querySelectorAll("[data-graph-act]").forEach((button) => {
    button.addEventListener("click", () => {
      acts[button.dataset.graphAct]();
      camera.remember();
    });
  });
  const tools = camera.frame.querySelector(".graph-tools");
  if (tools) tools.hidden = false;
}

function useKeys(camera) {
  const svg = camera.svg;
  const nodes = [...svg.querySelectorAll("a.graph-node[data-id]")];
  if (!nodes.length) return;
  const byId = new Map(nodes.map((node) => [node.dataset.id, node]));
  const edges = [...svg.querySelectorAll(".graph-edge[data-from][data-to]")];

  function linked(node, mine, theirs) {
    return edges.filter((edge) => edge.dataset[mine] === node.dataset.id).map((edge) => byId.get(edge.dataset[theirs])).filter(Boolean);
  }

  function sibling(node, side) {
    const here = centre(node);
    const row = nodes.filter((other) => other !== node && Math.abs(centre(other).y - here.y) < 24 && (centre(other).x - here.x) * side > 0);
    return nearest(row, here.x);
  }

  const moves = {
    ArrowUp: (node) => nearest(linked(node, "from", "to"), centre(node).x),
    ArrowDown: (node) => nearest(linked(node, "to", "from"), centre(node).x),
    ArrowLeft: (node) => sibling(node, -1),
    ArrowRight: (node) => sibling(node, 1),
  };

  function rest(at) {
    nodes.forEach((node) => node.setAttribute("tabindex", node === at ? "0" : "-1"));
  }

  svg.addEventListener("focusin", (event) => {
    const node = event.target.closest("a.graph-node");
    if (!node) return;
    rest(node);
    if (node.matches(":focus-visible")) camera.reveal(node);
  });
  svg.addEventListener("keydown", (event) => {
    const node = event.target.closest("a.graph-node");
    const clear = camera.frame.dataset.clearUrl;
    if (event.key === "Escape" && clear && svg.classList.contains("has-focus")) location.assign(node ? returning(clear, node) : clear);
    if (!node || !moves[event.key] || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    moves[event.key](node)?.focus();
  });
  svg.addEventListener("click", (event) => {
    const node = event.target.closest("a.graph-node");
    if (node && event.detail === 0) node.setAttribute("href", returning(node.getAttribute("href"), node));
  });
  rest(svg.querySelector("a.graph-node.is-selected") || nodes[0]);
  takeBack(camera, nodes);
}

function returning(address, node) {
  return address.split("#")[0] + RETURN + encodeURIComponent(node.dataset.id);
}

/* Once, and only for who chose by keyboard: the address loses the name, so that a reload or a shared link takes no focus. */
function takeBack(camera, nodes) {
  if (!location.hash.startsWith(RETURN)) return;
  const node = nodes.find((each) => returning("", each) === location.hash);
  history.replaceState(null, "", location.pathname + location.search);
  if (!node) return;
  node.focus({ preventScroll: true });
  camera.reveal(node);
  node.scrollIntoView({ block: "nearest", inline: "nearest" });
}

document.querySelectorAll(".graph-frame").forEach((frame) => {
  const svg = frame.querySelector("svg.graph[viewBox]");
  if (!svg) return;
  frame.classList.add("is-live");
  const camera = new Camera(svg, frame);
  followPointer(camera);
  useTools(camera);
  useKeys(camera);
  frame.addEventListener("graph:go", (event) => {
    camera.pan(event.detail.x - camera.view.x - camera.view.width / 2, event.detail.y - camera.view.y - camera.view.height / 2);
    camera.remember();
  });
  camera.show();
});
