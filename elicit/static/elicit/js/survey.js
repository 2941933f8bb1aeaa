/* What a survey's page does between its saves: it counts characters, keeps one reason for no answer at a time, says beside
   a question what the server found, and gets the questions that an answer brought up. The server alone decides which. */
const form = document.getElementById("survey");
const questions = form.querySelector("[data-questions]");
const news = form.querySelector("[data-news]");
const PAUSE = 1500; // milliseconds without typing before a count is read out
const NEAR = 0.8; // share of the longest text from which it is

function byItem(root = questions) {
  return new Map([...root.querySelectorAll("[data-item]")].map((block) => [block.dataset.item, block]));
}

function count(line) {
  const field = line.closest("[data-item]").querySelector("textarea, input[type=text]");
  const [seen, heard] = line.children;
  const most = Number(line.dataset.count);
  let timer;

  function show() {
    const length = [...field.value.replaceAll("\r\n", "\n")].length;
    const isOver = length > most;
    line.classList.toggle("is-over", isOver);
    const words = isOver ? line.dataset.over : line.dataset.within;
    seen.textContent = words.replace("{length}", length).replace("{most}", most).replace("{over}", length - most);
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (length >= NEAR * most && heard.textContent !== seen.textContent) heard.textContent = seen.textContent;
    }, PAUSE);
  }

  field.addEventListener("input", show);
  form.addEventListener("fields:restored", show);
  line.hidden = false;
  show();
}

/* One reason at a time; ticked once more it is gone. */
function exclude(group) {
  group.addEventListener("change", (event) => {
    for (const other of group.querySelectorAll("input")) {
      if (event.target.checked && other !== event.target) other.checked = false;
    }
  });
}

function prepare(root) {
  root.querySelectorAll("[data-count]").forEach(count);
  root.querySelectorAll(".question-null").forEach(exclude);
}

function say(line, words) {
  if (line.textContent !== words) line.textContent = words;
  line.hidden = !words;
}

async function fetchQuestions() {
  const answer = await fetch(form.dataset.fields, { headers: { "X-Fragment": "1" }, credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return;
  arrange(new DOMParser().parseFromString(await answer.text(), "text/html").body);
}

/* Put in what is new, take out what no longer applies, and leave everything else as it stands. */
function arrange(fresh) {
  const wanted = byItem(fresh);
  const here = byItem();
  let previous = null;
  for (const [name, block] of here) if (!wanted.has(name)) block.remove();
  for (const [name, block] of wanted) {
    const present = here.get(name);
    if (!present) {
      if (previous) previous.after(block);
      else questions.prepend(block);
      prepare(block);
      block.dispatchEvent(new CustomEvent("fields:added", { bubbles: true }));
    }
    previous = present ?? block;
  }
  const isMore = [...wanted.keys()].some((name) => !here.has(name));
  news.textContent = isMore ? news.dataset.more : news.dataset.fewer;
}

form.addEventListener("autosave:answered", (event) => {
  const { known = {}, problems = {}, hints = {}, shown = [] } = event.detail;
  const here = byItem();
  for (const [name, block] of here) {
    if (name in known) block.querySelector('[name$="__known"]').value = known[name];
    if (!block.contains(document.activeElement) || !(name in problems)) {
      say(block.querySelector("[data-problem]"), problems[name] ?? "");
    }
    if (name in hints) say(block.querySelector("[data-hint]"), hints[name]);
  }
  const isSame = shown.length === here.size && shown.every((name) => here.has(name));
  if (shown.length && !isSame) fetchQuestions().catch(() => {});
});

prepare(questions);
history.replaceState(history.state, "", form.dataset.fields); // so that going back finds this page again
