/* Saves a form marked data-autosave while it is being filled in. The address is data-autosave or the form's own action.
   Any 2xx answer means saved; a JSON answer is handed on as the event "autosave:answered", and its `problems` name what
   could not be kept. What was typed stays on the page whatever happens. With data-copy, what is not saved yet is also kept
   in this tab, and comes back when the page is opened again. Leaving by a link or by the form's button waits for the save. */
const WAIT = 800;
const RETRY = 5000;
const SLOW = 1000; // milliseconds after which it is worth saying that it saves
const QUIET = ["waiting", "saving"];
const NOT_COPIED = ["csrfmiddlewaretoken", "handling"];
const COPY = "wellspring-draft-";

function watch(form) {
  const status = form.querySelector("[data-autosave-status]");
  const address = form.dataset.autosave || form.action;
  const key = form.dataset.copy && COPY + form.dataset.copy;
  let timer;
  let unsaved = false;
  let inFlight = null;
  let leaving = "";

  /* Everybody sees each state; it is read out when it is news: trouble, its end, and the first save. */
  function say(state) {
    if (!status) return;
    const [seen, heard] = status.children;
    status.dataset.state = state;
    seen.textContent = status.dataset[state] ?? "";
    if (!QUIET.includes(state) && heard.textContent !== seen.textContent) heard.textContent = seen.textContent;
  }

  function later(delay) {
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  }

  function keepCopy() {
    if (!key) return;
    const entries = [...new FormData(form)].filter(([name]) => !NOT_COPIED.includes(name));
    try {
      sessionStorage.setItem(key, JSON.stringify(entries));
    } catch {
      /* A browser that forbids storage loses nothing but the copy. */
    }
  }

  function dropCopy() {
    try {
      if (key) sessionStorage.removeItem(key);
    } catch {
      /* There is none then. */
    }
  }

  function copied() {
    try {
      return JSON.parse(sessionStorage.getItem(key));
    } catch {
      return null;
    }
  }

  /* Put back what this tab could not save. What the server found wrong stands on the page as it was typed. */
  function restore() {
    if ("hasProblems" in form.dataset) return keepCopy();
    const given = key && copied();
    if (!given) return;
    for (const field of form.elements) {
      if (!field.name || NOT_COPIED.includes(field.name)) continue;
      const values = given.filter(([name]) => name === field.name).map(([, value]) => value);
      if (["radio", "checkbox"].includes(field.type)) field.checked = values.includes(field.value);
      else if (values.length) field.value = values[0];
    }
    form.dispatchEvent(new CustomEvent("fields:restored", { bubbles: true }));
    unsaved = true;
    later(0);
  }

  async function send(data) {
    const slow = setTimeout(() => say("saving"), SLOW);
    try {
      const answer = await fetch(address, {
        method: "POST",
        body: data,
        headers: { "X-Autosave": "1" },
        credentials: "same-origin",
        keepalive: document.hidden,
      });
      if (answer.redirected) return "moved";
      if (!answer.ok) return "failed";
      const isJson = (answer.headers.get("Content-Type") ?? "").includes("json");
      const told = isJson ? await answer.json() : {};
      form.dispatchEvent(new CustomEvent("autosave:answered", { detail: told }));
      return Object.keys(told.problems ?? {}).length ? "partly" : "saved";
    } catch {
      return "failed";
    } finally {
      clearTimeout(slow);
    }
  }

  /* Return whether the server has everything that it can keep. */
  async function save() {
    clearTimeout(timer);
    if (inFlight) await inFlight;
    if (!unsaved) return true;
    const data = new FormData(form);
    if (leaving) data.set("is_leaving", "1");
    unsaved = false;
    inFlight = send(data);
    const state = await inFlight;
    inFlight = null;
    if (state === "failed" || state === "moved") unsaved = true;
    if (state === "failed") later(RETRY);
    if (state === "saved" && !unsaved) dropCopy();
    if (!unsaved || state === "failed" || state === "moved") say(state);
    return !unsaved;
  }

  /* Hold back once until everything is saved; whoever insists goes, and what is not saved stays copied in this tab. */
  async function before(event, go) {
    if (event.defaultPrevented || (!unsaved && !inFlight) || leaving === "insists") return;
    event.preventDefault();
    leaving = "waits";
    const isSaved = await save();
    leaving = isSaved ? "" : "insists";
    if (isSaved) go();
  }

  form.addEventListener("input", () => {
    unsaved = true;
    leaving = "";
    say("waiting");
    keepCopy();
    later(WAIT);
  });
  form.addEventListener("focusout", () => {
    if (unsaved) later(0);
  });
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    before(event, () => form.requestSubmit(event.submitter));
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    const isOther = !link || link.target || link.hasAttribute("download") || link.getAttribute("href").startsWith("#");
    if (isOther || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (!leaving && form.dataset.settles && form.querySelector(form.dataset.settles)) unsaved = true;
    before(event, () => location.assign(link.href));
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && unsaved) save();
  });
  window.addEventListener("online", () => unsaved && save());
  restore();
}

document.querySelectorAll("form[data-autosave]").forEach(watch);
