/* Keeps a fragment marked data-refresh-url up to date every data-refresh-seconds.
   It rests while the page is hidden, while its button [data-refresh-pause="ID"] is pressed, and while focus is inside it;
   it stops when the fragment contains [data-refresh-done]. */
const DEFAULT_SECONDS = 5;

function keepFresh(region) {
  const seconds = Number(region.dataset.refreshSeconds) || DEFAULT_SECONDS;
  const button = document.querySelector(`[data-refresh-pause="${region.id}"]`);
  const status = document.querySelector(`[data-refresh-status="${region.id}"]`);
  let paused = false;
  let etag = "";

  function say(state) {
    if (!status) return;
    status.dataset.state = state;
    status.textContent = status.dataset[state];
  }

  function isDone() {
    return region.querySelector("[data-refresh-done]") !== null;
  }

  async function refresh() {
    const answer = await fetch(region.dataset.refreshUrl, {
      credentials: "same-origin",
      headers: { "X-Fragment": "1", ...(etag && { "If-None-Match": etag }) },
    });
    if (answer.status === 304) return true;
    if (!answer.ok || answer.redirected) return false;
    etag = answer.headers.get("ETag") || "";
    const fragment = new DOMParser().parseFromString(await answer.text(), "text/html").body;
    if (!region.contains(document.activeElement)) region.replaceChildren(...fragment.childNodes);
    return true;
  }

  async function tick() {
    if (!paused && !document.hidden) {
      const fresh = await refresh().catch(() => false);
      say(paused ? "paused" : fresh ? "live" : "lost");
    }
    if (isDone()) finish();
    else setTimeout(tick, seconds * 1000);
  }

  function finish() {
    if (button) button.hidden = true;
    if (status) status.textContent = "";
  }

  if (isDone()) return;
  if (button) {
    button.hidden = false;
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
      paused = !paused;
      button.setAttribute("aria-pressed", String(paused));
      say(paused ? "paused" : "live");
    });
  }
  say("live");
  setTimeout(tick, seconds * 1000);
}

document.querySelectorAll("[data-refresh-url]").forEach(keepFresh);
