/* A form that has been sent is not sent again by a second click. The server refuses duplicates too; this only spares the wait. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method.toLowerCase() !== "post" || event.defaultPrevented) return;
  if ("repeatable" in form.dataset) return; // it sends a file, so the page stays and may send it again
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  form.setAttribute("aria-busy", "true");
});

window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  });
});

document.getElementById("error-summary")?.focus();
