// Guards of the review of one return, where a slip of the finger would decide over it.

// After accepting or passing on, the next return may open under a finger still double-clicking.
const CALM = 800;
const form = document.querySelector("form[data-review]");
const shownAt = performance.now();
let sent = false;

// Enter in a reason ends the typing, nothing else.
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("input")) event.preventDefault();
});

form.addEventListener("submit", (event) => {
  const decides = event.submitter?.hasAttribute("data-decides");
  if (sent || (decides && performance.now() - shownAt < CALM)) {
    event.preventDefault();
    return;
  }
  sent = true;
  event.submitter?.setAttribute("aria-busy", "true");
});

// Back from the browser's cache the page may be sent again.
addEventListener("pageshow", () => {
  sent = false;
  for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
});
