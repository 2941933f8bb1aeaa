/* The box of the interview: it grows, it sends as the person chose, and it keeps a copy of what is typed on this device
   until that is saved, unless the person does not want one. */
const ENTER = "wellspring-enter-sends";
const NO_COPY = "wellspring-no-copy";
const FEWEST_ROWS = 3;
const MOST_ROWS = 10;

const live = document.getElementById("live");
const composer = live.querySelector("[data-composer]");
const box = composer.querySelector("textarea");
const send = composer.querySelector('[name="action"][value="send"]');
const settings = composer.querySelector("[data-settings]");
const note = settings.querySelector("[data-copy-note]");
const rule = composer.querySelector("[data-rule]");
const enterSends = settings.querySelector("[data-enter-sends]");
const noCopy = settings.querySelector("[data-keep-no-copy]");
const DRAFT = `wellspring-draft-${live.dataset.draft}`;

function stored(key) {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

/* A browser that forbids storage loses nothing but the copy. */
function keep(key, value) {
  try {
    if (value) localStorage.setItem(key, value);
    else localStorage.removeItem(key);
    return stored(key) === value;
  } catch {
    return false;
  }
}

function grow() {
  if (CSS.supports("field-sizing", "content")) return;
  box.rows = Math.min(MOST_ROWS, Math.max(FEWEST_ROWS, box.value.split("\n").length, Math.ceil(box.value.length / 60)));
}

function copy() {
  const isKept = keep(DRAFT, noCopy.checked ? "" : box.value);
  if (isKept && !noCopy.checked) live.dataset.keptCopy = "";
  else delete live.dataset.keptCopy;
  grow();
}

function showSettings() {
  rule.textContent = enterSends.checked ? note.dataset.enterRule : note.dataset.ctrlEnterRule;
  note.textContent = noCopy.checked ? live.dataset.wordsNotKept : live.dataset.wordsKept;
}

box.addEventListener("input", copy);
box.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing) return;
  const sends = event.ctrlKey || event.metaKey || (enterSends.checked && !event.shiftKey);
  if (!sends) return;
  event.preventDefault();
  composer.requestSubmit(send);
});
document.addEventListener("interview:saved", copy);
enterSends.addEventListener("change", () => {
  keep(ENTER, enterSends.checked ? "yes" : "");
  showSettings();
});
noCopy.addEventListener("change", () => {
  keep(NO_COPY, noCopy.checked ? "yes" : "");
  copy();
  showSettings();
});

settings.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !settings.open) return;
  event.stopPropagation();
  settings.open = false;
  settings.querySelector("summary").focus();
});
document.addEventListener("click", (event) => {
  if (!settings.contains(event.target)) settings.open = false;
});

enterSends.checked = stored(ENTER) === "yes";
noCopy.checked = stored(NO_COPY) === "yes";
if (!box.value && !noCopy.checked) box.value = stored(DRAFT);
settings.hidden = false;
showSettings();
copy();
