/* Joins each range to its number box. The box is what is sent; empty means not answered, and a range that was never touched never fills it. */
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

  function answer() {
    box.value = range.value;
    show();
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  range.addEventListener("input", (event) => {
    event.stopPropagation();
    answer();
  });
  range.addEventListener("change", (event) => {
    event.stopPropagation();
    box.dispatchEvent(new Event("change", { bubbles: true }));
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
  box.addEventListener("input", show);
  range.hidden = false;
  state.hidden = false;
  show();
}

document.querySelectorAll("[data-slider]").forEach(join);
