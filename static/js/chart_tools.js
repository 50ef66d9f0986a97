// Taking a chart out of a page: as a PNG, drawn from the SVG that the server makes of the same data, and
// the address that shows exactly this. Without script the SVG, the table and the link remain.

const SCALE = 2;

async function png(button) {
  const answer = await fetch(button.dataset.png, { credentials: "same-origin" });
  if (!answer.ok || !answer.headers.get("Content-Type")?.startsWith("image/svg")) throw new Error("no picture");
  const picture = new Image();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(await answer.text())}`;
  await picture.decode();
  const canvas = document.createElement("canvas");
  canvas.width = picture.naturalWidth * SCALE;
  canvas.height = picture.naturalHeight * SCALE;
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  const file = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = `${button.dataset.name}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

for (const button of document.querySelectorAll("[data-png]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await png(button);
    } catch {
      say(button, "图没有存下来，请改下SVG");
    }
    button.disabled = false;
  });
}

function say(place, text) {
  const said = document.createElement("span");
  said.className = "muted small";
  said.role = "status";
  said.textContent = text;
  place.after(said);
  setTimeout(() => said.remove(), 4000);
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-copies]");
  if (!link || !navigator.clipboard) return;
  event.preventDefault();
  try {
    await navigator.clipboard.writeText(link.href);
    say(link, "已复制");
  } catch {
    location.href = link.href;
  }
});
