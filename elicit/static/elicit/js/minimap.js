/* A small picture of the whole graph with the part that is in sight; a click or a drag goes there.
   Hears "graph:viewed" from .graph-frame and answers "graph:go"; it stays away while everything is in sight.
   The keyboard has the values themselves and the buttons, so this is for the pointer alone. */
const NEARLY = 0.97; // of the whole in sight: nothing to look for

function rectangle(map, box, kind) {
  const found = document.createElementNS(map.namespaceURI, "rect");
  Object.entries(box).forEach(([name, value]) => found.setAttribute(name, value));
  if (kind) found.classList.add(kind);
  return found;
}

function boxOf(shape) {
  return Object.fromEntries(["x", "y", "width", "height"].map((name) => [name, shape.getAttribute(name)]));
}

document.querySelectorAll(".graph-frame").forEach((frame) => {
  const map = frame.querySelector("svg.graph-minimap");
  if (!map) return;
  frame.querySelectorAll(".graph-node").forEach((node) => {
    map.append(rectangle(map, boxOf(node.querySelector("rect")), node.classList.contains("is-path") ? "is-path" : ""));
  });
  const sight = rectangle(map, { x: 0, y: 0, width: 0, height: 0 }, "minimap-view");
  map.append(sight);

  frame.addEventListener("graph:viewed", ({ detail: { view, whole } }) => {
    map.toggleAttribute("hidden", view.width >= whole.width * NEARLY && view.height >= whole.height * NEARLY);
    Object.entries({ x: view.x, y: view.y, width: view.width, height: view.height }).forEach(([name, value]) => sight.setAttribute(name, value));
  });

  const go = (event) => {
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(map.getScreenCTM().inverse());
    frame.dispatchEvent(new CustomEvent("graph:go", { detail: { x, y } }));
  };
  map.addEventListener("pointerdown", (event) => {
    event.stopPropagation();
    map.setPointerCapture(event.pointerId);
    go(event);
  });
  map.addEventListener("pointermove", (event) => {
    if (map.hasPointerCapture(event.pointerId)) go(event);
  });
});
