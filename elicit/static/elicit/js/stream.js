/* Shows the interviewer's reply while it is being written. The words are drawn as text and hidden from screen readers, which hear
   "is replying" once and then the whole question once. A broken connection goes on where it stopped; a server or browser
   that cannot stream is asked every two seconds instead. */
const PAUSES = [500, 1000, 2000, 4000];
const POLL = 2000;
const THINKING = 300;
const SLOW = 15000;
const SILENT = 25000; // the server sends a heartbeat every ten seconds

const live = document.getElementById("live");
const words = live.dataset;
const announcer = document.querySelector("[data-announce]");

let turn = "";
let after = "";
let told = ""; // the server's sentence that was shown last
let connection;
let thinking;
let slow;

function say(text) {
  const line = live.querySelector("[data-turn-sentence]");
  if (line && line.textContent !== text) line.textContent = text;
  grown();
}

function offer(isOffered) {
  const button = live.querySelector('[data-way="continue"]');
  if (button) button.hidden = !isOffered;
  grown();
}

function node() {
  return live.querySelector("[data-stream]");
}

function grown() {
  document.dispatchEvent(new CustomEvent("interview:grown"));
}

function look() {
  document.dispatchEvent(new CustomEvent("interview:look"));
}

function waitForWords() {
  clearTimeout(thinking);
  clearTimeout(slow);
  thinking = setTimeout(() => say(words.wordsThinking), THINKING);
  slow = setTimeout(() => {
    say(words.wordsSlow);
    offer(true);
  }, SLOW);
}

function start() {
  turn = words.turn;
  after = words.after ?? "";
  told = live.querySelector("[data-turn-sentence]")?.textContent.trim() ?? "";
  words.streaming = "";
  announcer.textContent = words.wordsReplying;
  live.querySelector("#turn")?.setAttribute("aria-hidden", "true");
  waitForWords();
  keepReading(turn);
}

function stop() {
  turn = "";
  delete words.streaming;
  clearTimeout(thinking);
  clearTimeout(slow);
  connection?.abort();
}

async function keepReading(mine) {
  let broken = 0;
  while (turn === mine) {
    const ending = await read(mine).catch(() => "broken");
    if (turn !== mine) return;
    if (ending === "done") return finish();
    if (ending === "cannot") return poll(mine);
    broken = ending === "broken" ? broken + 1 : 0;
    if (broken > 1) lose();
    if (broken) await new Promise((resume) => setTimeout(resume, PAUSES[Math.min(broken, PAUSES.length) - 1]));
  }
}

function lose() {
  told = "";
  say(words.wordsLost);
}

/* What the server has said already does not take the place of what the page says since. */
function tell(sentence) {
  if (sentence !== told) say(sentence);
  told = sentence;
}

/* The page takes the whole message from the server; what was drawn here goes with it. */
function finish() {
  stop();
  look();
}

function poll(mine) {
  delete words.streaming;
  if (turn !== mine) return;
  look();
  setTimeout(() => poll(mine), POLL);
}

async function read(mine) {
  connection = new AbortController();
  let silence = setTimeout(() => connection.abort(), SILENT);
  try {
    const answer = await fetch(`${words.streamUrl}?after=${encodeURIComponent(after)}`, { signal: connection.signal });
    if (answer.status === 404 || answer.redirected) return "done";
    if (!answer.ok) return "broken";
    if (!answer.headers.get("Content-Type")?.startsWith("text/event-stream") || !answer.body) return "cannot";
    if (!("TextDecoderStream" in window)) return "cannot";
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const piece = await reader.read();
      if (piece.done || turn !== mine) return "closed";
      clearTimeout(silence);
      silence = setTimeout(() => connection.abort(), SILENT);
      const frames = (rest + piece.value).split("\n\n");
      rest = frames.pop();
      if (frames.map(take).includes("done")) return "done";
    }
  } finally {
    clearTimeout(silence);
    connection.abort();
  }
}

function take(frame) {
  const line = (name) => frame.split("\n").find((text) => text.startsWith(`${name}: `))?.slice(name.length + 2);
  const event = line("event");
  return event ? EVENTS[event]?.(JSON.parse(line("data") || "{}")) : undefined;
}

const EVENTS = {
  delta(piece) {
    after = piece.after;
    waitForWords();
    clearTimeout(thinking);
    say("");
    offer(false);
    node()?.append(piece.text);
    grown();
  },
  restart() {
    node()?.replaceChildren();
    waitForWords();
  },
  state(now) {
    if (!["waiting", "writing"].includes(now.state)) return "done";
    if (now.state === "waiting" || now.ways?.length) tell(now.sentence);
    if (now.ways?.includes("continue")) offer(true);
    return undefined;
  },
  done() {
    return "done";
  },
};

function isAlive() {
  return words.turn && ["waiting", "writing"].includes(words.state);
}

document.addEventListener("interview:shown", () => {
  if (turn && (turn !== words.turn || !isAlive())) stop();
  if (!isAlive()) return;
  offer(false);
  if (!turn) start();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing) return;
  live.querySelector('[name="action"][value="stop"]')?.click();
});
