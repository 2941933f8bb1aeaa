/* The map of a large moral graph on a canvas: a lane for each context, height for depth, a dot a value.
   Expects .map-frame[data-map-url] > canvas.map and buttons [data-map-act]; links a[data-map-id] light their dot up.
   The canvas is for the eye alone: the list of links and the tables say the same. */
const ZOOM = 1.3;
const FURTHEST = 1; // of the whole map
const CLOSEST = 24;
const RADII = [1.6, 2.2, 2.9, 3.6]; // by size, in units of the map; a dot's room is 8
const LEAST_RADIUS = 1.3; // pixels: smaller cannot be seen
const SIDE = 12;
const FOOT = 92; // room below for the counts of starting points and the names of lanes
const HEAD = 14;
const MOST_LINES = 4;
const FEW_LABELS = 14; // at first: the more closely one looks, the more names there are
const LEAST_LANE = 44; // pixels: a narrower lane has no room for words
const TOOLS = 60; // the corner of the buttons stays free of names
const NEAR = 9; // pixels within which a dot is meant
const MOVED = 4;

function looks() {
  const css = getComputedStyle(document.documentElement);
  const value = (name) => css.getPropertyValue(`--${name}`).trim();
  return Object.fromEntries(["bg", "sunk", "surface", "ink", "ink2", "line", "edge", "brand", "accent"].map((name) => [name, value(name)]));
}

function wrapped(context, text, width) {
  const lines = [""];
  for (const word of text.split(/\s+/)) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (!lines.at(-1) || context.measureText(longer).width <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  const kept = lines.slice(0, MOST_LINES);
  if (lines.length > MOST_LINES) kept[MOST_LINES - 1] += "…";
  return kept.map((line) => shortened(context, line, width));
}

function shortened(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  let cut = text.replace(/…$/, "");
  while (cut && context.measureText(`${cut}…`).width > width) cut = cut.slice(0, -1);
  return cut ? `${cut}…` : "";
}

/* Contexts tend to begin alike ("When ..."); a narrow lane has no room for that. */
function withoutSharedStart(texts) {
  let words = texts.map((text) => text.split(/\s+/));
  const isShared = () => words.length > 1 && words.every((each) => each.length > 1 && each[0] === words[0][0]);
  while (isShared()) words = words.map((each) => each.slice(1));
  return words.map((each) => each.join(" "));
}

class Picture {
  constructor(frame, canvas, data) {
    Object.assign(this, { frame, canvas, data, lit: -1, waits: false });
    this.context = canvas.getContext("2d");
    this.order = new Map(data.id.map((id, place) => [id, place]));
    this.found = new Set(data.found);
    this.near = data.id.map(() => []);
    data.from.forEach((from, number) => {
      this.near[from].push(number);
      this.near[data.to[number]].push(number);
    });
    this.names = withoutSharedStart(data.lanes.map((lane) => lane.text));
    this.view = { x: 0, y: 0, zoom: FURTHEST };
    this.resize();
  }

  resize() {
    const scale = devicePixelRatio || 1;
    this.width = this.frame.clientWidth;
    this.height = this.frame.clientHeight;
    this.canvas.width = Math.round(this.width * scale);
    this.canvas.height = Math.round(this.height * scale);
    this.context.setTransform(scale, 0, 0, scale, 0, 0);
    this.looks = looks();
    this.font = getComputedStyle(document.body).fontFamily;
    this.sprites = RADII.map(() => null);
    this.ask();
  }

  /* Pixels a unit: the whole map fills the stage, so that its width and height are stretched apart. */
  get across() {
    return ((this.width - 2 * SIDE) / Math.max(this.data.width, 1)) * this.view.zoom;
  }

  get down() {
    return ((this.height - FOOT - HEAD) / Math.max(this.data.height, 1)) * this.view.zoom;
  }

  at(place) {
    return [SIDE + (this.data.x[place] - this.view.x) * this.across, HEAD + (this.data.y[place] - this.view.y) * this.down];
  }

  pan(dx, dy) {
    this.view.x -= dx / this.across;
    this.view.y -= dy / this.down;
    this.keep();
  }

  zoom(factor, px = this.width / 2, py = this.height / 2) {
    const [x, y] = [this.view.x + (px - SIDE) / this.across, this.view.y + (py - HEAD) / this.down];
    this.view.zoom = Math.min(Math.max(this.view.zoom * factor, FURTHEST), CLOSEST);
    this.view.x = x - (px - SIDE) / this.across;
    this.view.y = y - (py - HEAD) / this.down;
    this.keep();
  }

  fit() {
    this.view = { x: 0, y: 0, zoom: FURTHEST };
    this.keep();
  }

  /* Some of the map stays in sight, whatever is done. */
  keep() {
    const shown = 1 / this.view.zoom;
    const within = (value, size) => Math.min(Math.max(value, 0), size * (1 - shown));
    this.view.x = within(this.view.x, this.data.width);
    this.view.y = within(this.view.y, this.data.height);
    this.ask();
  }

  ask() {
    if (this.waits) return;
    this.waits = true;
    requestAnimationFrame(() => {
      this.waits = false;
      this.draw();
      if (this.frame.dataset.ready) return;
      performance.mark("map-drawn");
      this.frame.dataset.ready = "true";
    });
  }

  light(place) {
    if (place === this.lit) return;
    this.lit = place;
    this.frame.classList.toggle("is-over", place >= 0);
    this.ask();
  }

  nearest(px, py) {
    let [best, least] = [-1, NEAR ** 2];
    for (let place = 0; place < this.data.x.length; place += 1) {
      const [x, y] = this.at(place);
      const away = (x - px) ** 2 + (y - py) ** 2;
      if (away < least) [best, least] = [place, away];
    }
    return best;
  }

  laneAt(px, py) {
    if (py < this.height - FOOT) return null;
    const x = this.view.x + (px - SIDE) / this.across;
    return this.data.lanes.find((lane) => x >= lane.left && x < lane.left + this.laneWidth) || null;
  }

  get laneWidth() {
    return this.data.width / Math.max(this.data.lanes.length, 1);
  }

  draw() {
    const { context, looks: look } = this;
    context.clearRect(0, 0, this.width, this.height);
    context.fillStyle = look.bg;
    context.fillRect(0, 0, this.width, this.height);
    this.bands();
    if (this.lit >= 0) this.lines(this.lit);
    this.dots();
    this.feet();
    this.labels();
  }

  bands() {
    this.context.fillStyle = this.looks.sunk;
    this.data.lanes.forEach((lane, number) => {
      if (number % 2) this.context.fillRect(SIDE + (lane.left - this.view.x) * this.across, 0, this.laneWidth * this.across, this.height);
    });
  }

  lines(place) {
    const { context } = this;
    context.strokeStyle = this.looks.accent;
    context.lineWidth = 1.25;
    context.beginPath();
    this.near[place].forEach((number) => {
      context.moveTo(...this.at(this.data.from[number]));
      context.lineTo(...this.at(this.data.to[number]));
    });
    context.stroke();
  }

  /* A dot is drawn once for each size and then stamped: thousands of stamps are quicker than thousands of circles. */
  stamp(size, look) {
    const radius = Math.max(RADII[size] * Math.min(this.across, this.down, 2.4), LEAST_RADIUS + size * 0.45);
    const known = this.sprites[size];
    if (known && known.radius === radius && known.look === look) return known;
    const scale = devicePixelRatio || 1;
    const side = Math.ceil(radius) + 1;
    const image = document.createElement("canvas");
    image.width = image.height = side * 2 * scale;
    const on = image.getContext("2d");
    on.scale(scale, scale);
    on.fillStyle = look;
    on.globalAlpha = 0.68;
    on.beginPath();
    on.arc(side, side, radius, 0, 2 * Math.PI);
    on.fill();
    this.sprites[size] = { radius, look, side, image };
    return this.sprites[size];
  }

  dots() {
    const { context, data } = this;
    const bottom = this.height - FOOT;
    const stamps = RADII.map((_, size) => this.stamp(size, this.looks.brand));
    for (let place = 0; place < data.x.length; place += 1) {
      const [x, y] = this.at(place);
      if (x < -8 || x > this.width + 8 || y < -8 || y > bottom + 4) continue;
      const { image, side } = stamps[data.size[place]];
      context.drawImage(image, x - side, y - side, side * 2, side * 2);
    }
    [...this.found, ...this.marked()].forEach((place) => this.ring(place, bottom));
  }

  marked() {
    if (this.lit < 0) return [];
    return [this.lit, ...this.near[this.lit].map((number) => this.data.from[number] + this.data.to[number] - this.lit)];
  }

  ring(place, bottom) {
    const [x, y] = this.at(place);
    if (y > bottom + 4) return;
    const { context } = this;
    context.fillStyle = this.looks.accent;
    context.beginPath();
    context.arc(x, y, this.stamp(this.data.size[place], this.looks.brand).radius + 1.5, 0, 2 * Math.PI);
    context.fill();
  }

  feet() {
    const { context, data, looks: look } = this;
    const top = this.height - FOOT;
    const width = this.laneWidth * this.across;
    const most = Math.max(...data.lanes.map((lane) => lane.folded), 1);
    context.textAlign = "center";
    data.lanes.forEach((lane, number) => {
      const left = SIDE + (lane.left - this.view.x) * this.across;
      const middle = left + width / 2;
      context.fillStyle = number % 2 ? look.sunk : look.bg;
      context.fillRect(left, top, width, FOOT);
      if (lane.folded) {
        const bar = Math.max(((width - 16) * lane.folded) / most, 2);
        context.fillStyle = look.edge;
        context.fillRect(middle - bar / 2, top + 6, bar, 4);
      }
      context.font = `11px ${this.font}`;
      context.fillStyle = look.ink2;
      context.fillText(shortened(context, lane.folded ? `+ ${lane.folded}` : "", width - 4), middle, top + 23);
      if (width < LEAST_LANE) return;
      context.font = `600 11px ${this.font}`;
      wrapped(context, this.names[number], width - 4).forEach((line, row) => context.fillText(line, middle, top + 40 + row * 13));
    });
    context.fillStyle = look.line;
    context.fillRect(0, top, this.width, 1);
  }

  /* The highest ranked are named first; a name that would touch another is left out until there is room. */
  labels() {
    const { context, data } = this;
    const taken = [{ left: this.width - TOOLS, right: this.width, top: 0, bottom: 3 * TOOLS }];
    context.font = `600 12px ${this.font}`;
    context.textAlign = "center";
    const wanted = this.lit >= 0 ? [this.lit, ...this.marked().slice(1, 12)] : [];
    const some = data.labels.slice(0, FEW_LABELS * this.view.zoom);
    [...wanted, ...data.found.slice(0, 40), ...some].forEach((place) => {
      const [x, y] = this.at(place);
      const half = context.measureText(data.title[place]).width / 2 + 4;
      const middle = Math.min(Math.max(x, half + 2), this.width - half - 2);
      const box = { left: middle - half, right: middle + half, top: y - 24, bottom: y - 7 };
      const isOut = x < 0 || x > this.width || y < 4 || y > this.height - FOOT;
      const isTaken = taken.some((other) => box.left < other.right && box.right > other.left && box.top < other.bottom && box.bottom > other.top);
      if (isOut || isTaken) return;
      taken.push(box);
      context.lineJoin = "round";
      context.lineWidth = 4;
      context.strokeStyle = this.looks.bg;
      context.strokeText(data.title[place], middle, Math.max(y - 11, 13));
      context.fillStyle = place === this.lit ? this.looks.accent : this.looks.ink;
      context.fillText(data.title[place], middle, Math.max(y - 11, 13));
    });
  }
}

function open(changes) {
  const query = new URLSearchParams(location.search);
  Object.entries(changes).forEach(([name, value]) => (value ? query.set(name, value) : query.delete(name)));
  location.assign(`?${query}`);
}

function followPointer(picture) {
  const { frame } = picture;
  const pointers = new Map();
  let moved = 0;
  const inFrame = (event) => {
    const box = frame.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const spread = () => {
    const [a, b] = [...pointers.values()];
    return { size: Math.hypot(a[0] - b[0], a[1] - b[1]), x: (a[0] + b[0]) / 2, y: (a[1] + b[1]) / 2 };
  };
  frame.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.target.closest(".graph-tools")) return;
    if (!pointers.size) moved = 0;
    pointers.set(event.pointerId, inFrame(event));
  });
  frame.addEventListener("pointermove", (event) => {
    if (!pointers.size && event.pointerType === "mouse") picture.light(picture.nearest(...inFrame(event)));
  });
  frame.addEventListener("pointerleave", () => pointers.size || picture.light(-1));
  window.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const old = pointers.size === 2 && spread();
    const now = inFrame(event);
    pointers.set(event.pointerId, now);
    moved += Math.abs(now[0] - before[0]) + Math.abs(now[1] - before[1]);
    picture.pan((now[0] - before[0]) / pointers.size, (now[1] - before[1]) / pointers.size);
    if (old && old.size) picture.zoom(spread().size / old.size, spread().x, spread().y);
    frame.classList.toggle("is-dragging", moved > MOVED);
  });
  const release = (event) => {
    if (pointers.delete(event.pointerId)) frame.classList.remove("is-dragging");
  };
  window.addEventListener("pointerup", release);
  window.addEventListener("pointercancel", release);
  frame.addEventListener("click", (event) => {
    if (moved > MOVED || event.target.closest(".graph-tools")) return;
    const place = picture.nearest(...inFrame(event));
    const lane = picture.laneAt(...inFrame(event));
    if (place >= 0 && !lane) open({ focus: picture.data.id[place], view: "", q: "" });
    else if (lane) open({ ctx: lane.key, view: "" });
  });
  frame.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    picture.zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15, ...inFrame(event));
  }, { passive: false });
}

function useTools(picture) {
  const acts = { in: () => picture.zoom(ZOOM), out: () => picture.zoom(1 / ZOOM), fit: () => picture.fit() };
  picture.frame.querySelectorAll("[data-map-act]").forEach((button) => button.addEventListener("click", acts[button.dataset.mapAct]));
  document.querySelectorAll("a[data-map-id]").forEach((link) => {
    const place = picture.order.get(link.dataset.mapId);
    if (place === undefined) return;
    ["focus", "pointerenter"].forEach((name) => link.addEventListener(name, () => picture.light(place)));
    ["blur", "pointerleave"].forEach((name) => link.addEventListener(name, () => picture.light(-1)));
  });
}

async function show(frame) {
  frame.hidden = false;
  let answer;
  try {
    answer = await fetch(frame.dataset.mapUrl, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
  } catch {
    const words = document.createElement("p");
    words.className = "notice notice-bad";
    words.textContent = frame.dataset.wordsLost;
    frame.replaceWith(words);
    return;
  }
  const picture = new Picture(frame, frame.querySelector("canvas.map"), await answer.json());
  followPointer(picture);
  useTools(picture);
  new ResizeObserver(() => picture.resize()).observe(frame);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => picture.resize());
  new MutationObserver(() => picture.resize()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
}

document.querySelectorAll(".map-frame[data-map-url]").forEach(show);
