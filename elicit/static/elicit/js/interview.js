/* The interview without reloading: forms are sent as they stand, and the server's own HTML comes back for the parts that changed.
   What was typed leaves the box only when the server has stored it. Without this module every form works by itself.
   Tells the other modules on `document`: "interview:shown" after every change, "interview:saved" when words were stored.
   Listens to "interview:look", which stream.js sends when there is something new on the server. */
const TOO_LONG = 20000;
const ANNOUNCED = 8000;
const PAUSE = 2000;
const CLOSED = [403, 404, 410];
const NEAR = 60; // pixels from the end that still count as being there
const TOUCHING = 2; // the same for somebody who moves away from it
const FEW = 2; // messages after which a situation that takes much room is folded away
const MOST_OF_THE_WINDOW = 0.27; // that the situation may cover
const OWN_ACTION = "send";

const live = document.getElementById("live");
const words = live.dataset;
const composer = live.querySelector("[data-composer]");
const box = composer.querySelector("textarea");
const log = live.querySelector("[data-log]");
const situation = live.querySelector("[data-situation]");
const talk = live.querySelector("[data-talk]");
const jump = live.querySelector("[data-jump]");
const announcer = document.querySelector("[data-announce]");
const otherTabs = "BroadcastChannel" in window ? new BroadcastChannel(`wellspring-${words.draft}`) : null;

let busy = false;
let failed = null;
let etag = "";
let sent = 0; // forms of this page; what was read before the newest of them is old
let atEnd = true;
let seenAt = 0; // where the reader was seen last
let silence;
let lookAgain = false;

function tell(name) {
  document.dispatchEvent(new CustomEvent(`interview:${name}`));
}

function part(name, root = live) {
  return root.querySelector(`[data-part="${name}"]`);
}

function make(tag, className, text = "") {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.textContent = text;
  return node;
}

function makeButton(text, act) {
  const button = make("button", "button button-small", text);
  button.type = "button";
  button.addEventListener("click", act);
  return button;
}

/* Say it once to a screen reader. */
function announce(text) {
  clearTimeout(silence);
  announcer.textContent = text;
  silence = setTimeout(() => announcer.replaceChildren(), ANNOUNCED);
}

function warn(text, ...buttons) {
  const notice = make("div", "notice notice-warn");
  notice.setAttribute("role", "alert");
  const body = make("div", "stack-tight");
  body.append(make("p", "", text), ...buttons);
  notice.append(body);
  const wasAtEnd = isAtEnd();
  part("trouble").replaceChildren(notice);
  follow(wasAtEnd);
}

/* Showing what the server says */

function parse(html) {
  return new DOMParser().parseFromString(html, "text/html").getElementById("live");
}

function keeps(old, item) {
  return old && old.dataset.state === item.dataset.state && (item.id !== "turn" || "streaming" in words);
}

/* Only what changed is touched, so that a text being edited, the focus and the place of reading stay. */
function showLog(fresh) {
  const said = [...fresh.children].map((item) => {
    const old = document.getElementById(item.id);
    return keeps(old, item) ? old : document.adoptNode(item);
  });
  [...log.children].filter((item) => !said.includes(item)).forEach((item) => item.remove());
  said.forEach((item, place) => {
    if (log.children[place] !== item) log.insertBefore(item, log.children[place] ?? null);
  });
}

function showParts(fresh) {
  fresh.querySelectorAll("[data-part]").forEach((item) => {
    part(item.dataset.part)?.replaceChildren(...item.childNodes);
  });
  composer.className = fresh.querySelector("[data-composer]").className;
  ["turn", "state", "streamUrl", "after", "said"].forEach((name) => {
    if (name in fresh.dataset) words[name] = fresh.dataset[name];
    else delete words[name];
  });
}

function questions() {
  return [...log.querySelectorAll(".message-ai:not(#turn)")];
}

function swap(fresh) {
  const known = questions().map((item) => item.id);
  const wasAtEnd = isAtEnd();
  const hadFocus = live.contains(document.activeElement);
  showLog(fresh.querySelector("[data-log]"));
  showParts(fresh);
  if (hadFocus && !live.contains(document.activeElement)) rest();
  const asked = questions().filter((item) => !known.includes(item.id));
  if (asked.length) announce(`${words.wordsAsked} ${asked.at(-1).querySelector(".message-body").textContent}`);
  follow(wasAtEnd);
  tell("shown");
}

/* The control that had the focus is gone: the box takes it, unless that would open a phone's keyboard. */
function rest() {
  const place = matchMedia("(pointer: coarse)").matches ? log.parentElement : box;
  place.focus({ preventScroll: true });
}

/* Reading: whoever scrolled up is left where they are */

function follow(wasAtEnd = isAtEnd()) {
  if (wasAtEnd) talk.scrollIntoView({ block: "end" });
  seenAt = scrollY;
  jump.hidden = wasAtEnd;
}

/* Whoever moves up leaves the end with the first pixels; else the next word would take a slow hand back again. */
function measure() {
  const near = scrollY < seenAt ? TOUCHING : NEAR;
  seenAt = scrollY;
  atEnd = talk.getBoundingClientRect().bottom <= innerHeight + near;
  if (atEnd) jump.hidden = true;
}

/* The browser tells of a movement only with its next picture; until then `seenAt` tells. */
function isAtEnd() {
  if (scrollY < seenAt) measure();
  return atEnd;
}

/* The situation stays in view when it leaves room for the conversation. */
function pin() {
  const bar = situation.parentElement;
  bar.classList.toggle("is-short", bar.offsetHeight < innerHeight * MOST_OF_THE_WINDOW);
}

addEventListener("scroll", measure, { passive: true });
addEventListener("resize", measure);
jump.addEventListener("click", () => follow(true));
document.addEventListener("interview:grown", () => follow());

/* Sending */

function isWriting() {
  return words.state === "waiting" || words.state === "writing";
}

function showOwn(text) {
  log.querySelector(".is-unsaved")?.remove();
  const item = make("li", "message message-you");
  const name = make("p", "visually-hidden", words.wordsYou);
  const body = make("p", "message-body", text);
  body.dir = "auto";
  item.append(name, body, make("p", "message-state", words.wordsSaving));
  log.append(item);
  follow(true);
  return item;
}

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/* A second try of the same words carries the same key, so that nothing is stored twice; other words get their own. */
function freshen(form, action, text) {
  if (failed && (failed.action !== action || failed.text !== text)) form.elements.namedItem("key").value = newKey();
  failed = null;
}

async function send(form, button) {
  const action = button?.value ?? OWN_ACTION;
  const text = action === OWN_ACTION ? box.value : "";
  if (busy) return;
  if (action === OWN_ACTION && isWriting()) return warn(words.wordsWriting);
  if (action === OWN_ACTION && !text.trim()) return warn(words.wordsEmpty), box.focus();
  busy = true;
  sent += 1;
  freshen(form, action, text);
  const data = new FormData(form);
  data.set("action", action);
  const own = text ? showOwn(text.trim()) : null;
  part("trouble").replaceChildren();
  const answer = await fetch(form.getAttribute("action"), {
    method: "POST",
    body: data,
    headers: { Accept: "application/json" },
    signal: AbortSignal.timeout(TOO_LONG),
  }).catch(() => null);
  await take(answer, own, text).catch(() => fail({ form, button, action, text, own }, answer));
  busy = false;
  if (lookAgain) refresh();
}

async function take(answer, own, text) {
  if (answer?.redirected) return leaveFor(answer.url, text);
  const reply = await answer.json();
  if (reply.next) return reply.saved || !text ? leaveFor(reply.next, text) : over(reply.next, own);
  if (!reply.html) return own?.remove(), warn(reply.trouble);
  const fresh = parse(reply.html);
  own?.remove();
  if (reply.saved && text) accept(text);
  swap(fresh);
  if (reply.saved) otherTabs?.postMessage(words.said);
  if (reply.saved && own) mark(words.wordsSaved);
  if (!reply.saved && !part("trouble").textContent.trim()) warn(reply.trouble || words.wordsTrouble);
  if (!reply.saved) box.focus();
  reloadIfStale(fresh);
}

function accept(text) {
  if (box.value.startsWith(text)) box.value = box.value.slice(text.length).trimStart();
  tell("saved");
}

function leaveFor(address, text) {
  if (text) accept(text);
  location.assign(address);
}

/* The interview ended elsewhere while these words were on their way; they stay on the page until the person goes on. */
function over(address, own) {
  own?.remove();
  warn(words.wordsOver, makeButton(words.wordsGoOn, () => location.assign(address)));
}

function mark(text) {
  log.querySelectorAll("[data-mark]").forEach((old) => old.remove());
  const note = make("p", "message-state", text);
  note.dataset.mark = "";
  [...log.querySelectorAll(".message-you")].at(-1)?.append(note);
}

function fail(attempt, answer) {
  failed = attempt;
  if (answer && CLOSED.includes(answer.status)) return attempt.own?.remove(), warn(words.wordsClosed);
  const again = makeButton(words.wordsAgain, () => send(attempt.form, attempt.button));
  if (!attempt.own) return warn(words.wordsTrouble, again);
  attempt.own.classList.add("is-unsaved");
  const state = attempt.own.querySelector(".message-state");
  state.replaceChildren(words.wordsUnsaved, again);
  announce(words.wordsUnsaved);
  follow(true);
}

live.addEventListener("submit", (event) => {
  event.preventDefault();
  send(event.target, event.submitter);
});

/* Looking: after a reply was written, when the page comes back, and when another tab spoke */

async function ask() {
  const answer = await fetch(words.liveUrl, { headers: etag ? { "If-None-Match": etag } : {} });
  if (answer.redirected) location.assign(answer.url);
  if (CLOSED.includes(answer.status)) warn(words.wordsClosed);
  if (answer.status >= 500) throw new Error(answer.status);
  if (!answer.ok || answer.redirected) return null;
  etag = answer.headers.get("ETag") ?? "";
  const fresh = parse(await answer.text());
  if (!fresh) location.reload(); /* a page of its own: the study rests, or asks something else first */
  return fresh;
}

async function refresh() {
  lookAgain = busy;
  if (busy) return;
  const before = sent;
  const fresh = await ask().catch(() => setTimeout(refresh, PAUSE) && null);
  lookAgain ||= busy;
  if (!fresh || busy) return;
  if (sent !== before) return refresh();
  swap(fresh);
  reloadIfStale(fresh);
}

/* The conversation went on without this page: nothing is changed under the reader's hands before they say so. */
async function compare() {
  if (busy || document.hidden || isWriting()) return;
  const before = sent;
  const fresh = await ask().catch(() => null);
  if (!fresh || busy || sent !== before) return;
  const isElsewhere = fresh.dataset.said !== words.said || fresh.dataset.turn !== words.turn;
  if (isElsewhere) warn(words.wordsElsewhere, makeButton(words.wordsUseThis, () => refreshHere()));
  else reloadIfStale(fresh);
}

async function refreshHere() {
  etag = "";
  await refresh();
  box.focus();
}

/* The site was renewed while this page stood open. Between turns, and with nothing at stake, the page renews itself. */
function reloadIfStale(fresh) {
  const isSafe = !isWriting() && (!box.value.trim() || "keptCopy" in words);
  if (fresh.dataset.assets !== words.assets && isSafe) location.reload();
}

function showConnection() {
  document.querySelector("[data-offline]").hidden = navigator.onLine;
}

document.addEventListener("interview:look", refresh);
document.addEventListener("visibilitychange", compare);
otherTabs?.addEventListener("message", compare);
addEventListener("online", () => {
  showConnection();
  compare();
});
addEventListener("offline", showConnection);
addEventListener("pageshow", (event) => {
  if (event.persisted) compare();
});

log.parentElement.tabIndex = -1;
showConnection();
pin();
situation.addEventListener("toggle", pin);
addEventListener("resize", pin);
situation.open = words.said <= FEW || situation.parentElement.matches(".is-short");
follow(words.said > 1);
tell("shown");
