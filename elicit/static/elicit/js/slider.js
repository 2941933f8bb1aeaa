/* Joins each range to its number box. The box is what is sent; empty means not answered, and a range that was never touched
   never fills it. Arrows move by 1, the Page keys by 10, in the box as well. Fields that come later are joined as they come. */
const PAGE = 10;

function join(slider) {
  const range = slider.querySelector('input[type="range"]');
  const box = slider.querySelector('input[type="number"]');
  const state = slider.querySelector("[data-slider-state]");

  function show() {
    const unset = box.value === "";
    slider.classList.toggle("is-unset", unset);
    if (!unset) range.value = box.value;
    const words = unset ? slider.dataset.notAnswered : `${box.value} ${slider.dataset.of} ${box.max}`;
    range.setAttribute("aria-valuetext", words);
    state.textContent = unset ? words : "";
  }

  function tell(kind) {
    box.dispatchEvent(new Event(kind, { bubbles: true }));
  }

  function answer() {
    box.value = range.value;
    show();
    tell("input");
  }

  function turnPage(event) {
    if (!["PageUp", "PageDown"].includes(event.key)) return;
    event.preventDefault();
    range.value = Number(box.value || range.value) + (event.key === "PageUp" ? PAGE : -PAGE);
    answer();
    tell("change");
  }

  range.addEventListener("input", (event) => {
    event.stopPropagation();
    answer();
  });
  range.addEventListener("change", (event) => {
    event.stopPropagation();
    tell("change");
  });
  range.addEventListener("click", () => {
    if (box.value === "") answer();
  });
  range.addEventListener("keydown", (event) => {
    if (box.value === "" && [" ", "Enter"].includes(event.key)) {
      event.preventDefault();
      answer();
    }
  });
  range.addEventListener("keydown", turnPage);
  box.addEventListener("keydown", turnPage);
  box.addEventListener("input", show);
  slider.addEventListener("slider:show", show);
  range.hidden = false;
  state.hidden = false;
  show();
}

document.querySelectorAll("[data-slider]").forEach(join);
document.addEventListener("fields:added", (event) => event.target.querySelectorAll("[data-slider]").forEach(join));
document.addEventListener("fields:restored", (event) => {
  event.target.querySelectorAll("[data-slider]").forEach((slider) => slider.dispatchEvent(new Event("slider:show")));
});
