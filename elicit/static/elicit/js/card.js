/* The card's page: "Why is this here?" lights up the words that a line rests on, and changes that are not saved are not lost unasked.
   Without it, the links lead to the message and mark it, and every button saves the whole card. */
const form = document.querySelector("[data-card]");
const calm = matchMedia("(prefers-reduced-motion: reduce)");
let changed = false;

function light(place) {
  document.querySelectorAll("mark[data-lines]").forEach((mark) => {
    const isLit = place !== null && mark.dataset.lines.trim().split(/\s+/).includes(place);
    mark.classList.toggle("is-lit", isLit);
  });
}

function show(link) {
  const message = document.getElementById(link.hash.slice(1));
  if (!message) return;
  light(link.closest("[data-why]").dataset.why);
  message.scrollIntoView({ block: "center", behavior: calm.matches ? "auto" : "smooth" });
  message.focus({ preventScroll: true });
}

document.querySelectorAll("[data-why]").forEach((why) => {
  why.addEventListener("toggle", () => light(why.open ? why.dataset.why : null));
  why.querySelectorAll("a").forEach((link) =>
    link.addEventListener("click", (event) => {
      event.preventDefault();
      show(link);
    }),
  );
});

form?.addEventListener("input", () => {
  changed = true;
});
form?.addEventListener("submit", () => {
  changed = false;
});
addEventListener("beforeunload", (event) => {
  if (changed) event.preventDefault();
});

if (form?.matches(".is-asked")) form.elements.namedItem("fit_reason").focus();
