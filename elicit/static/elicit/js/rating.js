/* Marks which answers have been rated, on their cards and in the row of letters, and the edge of words that go on below. */
const form = document.querySelector("form[data-rating]");

function isRated(card) {
  return [...card.querySelectorAll('input[type="number"]')].every((box) => box.value !== "");
}

function show() {
  for (const card of form.querySelectorAll("[data-response]")) {
    const rated = isRated(card);
    card.classList.toggle("is-rated", rated);
    const mark = form.querySelector(`[data-jump="${card.dataset.response}"] [data-rated]`);
    if (mark) mark.hidden = !rated;
  }
}

function edge(words) {
  words.classList.toggle("is-cut", words.scrollHeight - words.scrollTop - words.clientHeight > 2);
}

form.addEventListener("input", show);
document.addEventListener("fields:restored", show);
for (const words of form.querySelectorAll(".response-text")) {
  words.addEventListener("scroll", () => edge(words), { passive: true });
  new ResizeObserver(() => edge(words)).observe(words);
}
show();
