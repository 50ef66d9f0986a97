// A return that came back: beside each reason whether its field still says what came back.
const { normalise } = globalThis.filingChecks;
const form = document.querySelector("form[data-filing]");
const places = [...document.querySelectorAll("[data-asked]")];

// As the server says what came back: a choice in its words, a number as it is read.
function said(input) {
  if (input.matches("select")) return input.value && input.selectedOptions[0].text;
  if (input.matches(".cell-in")) return normalise(input.value);
  return input.type === "datetime-local" ? input.value.replace("T", " ") : input.value.trim();
}

function tell() {
  for (const place of places) {
    const input = document.getElementById(place.dataset.asked);
    if (!input || input.type === "hidden") continue;
    const done = input.disabled || said(input) !== place.dataset.returned;
    const text = input.disabled ? "班已撤销" : done ? "已改" : "未改";
    if (place.textContent !== text) place.textContent = text;
    place.classList.toggle("is-done", done);
  }
}

form.addEventListener("input", tell);
form.addEventListener("renewed", tell);
// After the class was withdrawn or brought back, which another listener does.
form.addEventListener("click", () => setTimeout(tell));

// On a phone a class is folded until it is opened.
document.addEventListener("click", (event) => {
  const jump = event.target.closest("[data-jump]");
  const input = jump && document.getElementById(jump.hash.slice(1));
  if (!input) return;
  event.preventDefault();
  input.closest("[data-row]")?.classList.add("is-open");
  input.scrollIntoView({ block: "center" });
  input.focus({ preventScroll: true });
});
tell();
