/* The person's choice of colours. Loaded before the page is drawn, so that it never flashes; the choice stays on this device. */
(() => {
  const KEY = "wellspring-theme";
  const root = document.documentElement;

  function stored() {
    try {
      return localStorage.getItem(KEY) || "";
    } catch {
      return "";
    }
  }

  function apply(theme) {
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
  }

  function keep(theme) {
    try {
      if (theme) localStorage.setItem(KEY, theme);
      else localStorage.removeItem(KEY);
    } catch {
      /* A browser that forbids storage still gets the colours for this page. */
    }
  }

  apply(stored());
  document.addEventListener("DOMContentLoaded", () => {
    const box = document.querySelector("[data-theme-choice]");
    if (!box) return;
    const select = box.querySelector("select");
    select.value = stored();
    select.addEventListener("change", () => {
      apply(select.value);
      keep(select.value);
    });
    box.hidden = false;
  });
})();
