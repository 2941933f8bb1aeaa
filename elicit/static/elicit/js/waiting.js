/* Looks whether what a page marked data-wait-url waits for is there, and loads the page anew when it is. Without it, the page refreshes itself. */
const PAUSE = 1500;
const region = document.querySelector("[data-wait-url]");

async function look() {
  const ready =
    !document.hidden &&
    (await fetch(region.dataset.waitUrl, { credentials: "same-origin" }).then(
      async (answer) => answer.redirected || (answer.ok && (await answer.json()).ready),
      () => false,
    ));
  if (ready) location.reload();
  else setTimeout(look, PAUSE);
}

if (region) setTimeout(look, PAUSE);
