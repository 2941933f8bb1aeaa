/* Saves a form marked data-autosave while it is being filled in. The address is data-autosave or the form's own action.
   Any 2xx answer means saved. What was typed stays on the page whatever happens, and sending the form always works. */
const WAIT = 800;
const RETRY = 5000;

function watch(form) {
  const status = form.querySelector("[data-autosave-status]");
  const address = form.dataset.autosave || form.action;
  let timer;
  let unsaved = false;
  let inFlight = false;

  function say(state) {
    if (!status) return;
    status.dataset.state = state;
    if (status.textContent !== status.dataset[state]) status.textContent = status.dataset[state];
  }

  function later(delay) {
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  }

  async function save() {
    if (inFlight) return later(WAIT);
    clearTimeout(timer);
    inFlight = true;
    unsaved = false;
    say("saving");
    const saved = await fetch(address, {
      method: "POST",
      body: new FormData(form),
      headers: { "X-Autosave": "1" },
      credentials: "same-origin",
      keepalive: document.hidden,
    }).then((answer) => answer.ok && !answer.redirected, () => false);
    inFlight = false;
    if (!saved) {
      unsaved = true;
      say("failed");
      later(RETRY);
    } else if (!unsaved) {
      say("saved");
    }
  }

  form.addEventListener("input", () => {
    unsaved = true;
    later(WAIT);
  });
  form.addEventListener("submit", () => {
    unsaved = false;
    clearTimeout(timer);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && unsaved) save();
  });
}

document.querySelectorAll("form[data-autosave]").forEach(watch);
