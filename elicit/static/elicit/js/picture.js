/* Save the picture of the graph as a PNG, and say once how much the filters leave.
   button[data-picture="URL of the SVG"] draws that file; without a URL it takes the map's canvas as it stands. */
const SCALE = 2; // so that a print is sharp

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

async function drawn(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`The picture could not be fetched (${answer.status}).`);
  const source = URL.createObjectURL(new Blob([await answer.text()], { type: "image/svg+xml" }));
  const image = new Image();
  image.src = source;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth * SCALE;
  canvas.height = image.naturalHeight * SCALE;
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(source);
  return canvas;
}

document.querySelectorAll("button[data-picture]").forEach((button) => {
  const map = document.querySelector("canvas.map");
  if (!button.dataset.picture && !map) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const canvas = button.dataset.picture ? await drawn(button.dataset.picture) : map;
    canvas.toBlob((blob) => save(blob, button.dataset.pictureName), "image/png");
  });
});

document.querySelectorAll("[data-announce]").forEach((place) => {
  const status = document.createElement("span");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  place.after(status);
  if (location.search) setTimeout(() => { status.textContent = place.textContent; }, 300);
});
