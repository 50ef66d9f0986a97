// The figures page keeps itself fresh: every two seconds it asks whether newer figures were computed.
// A hidden tab does not ask; it asks at once when it is shown again.

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.matches("[data-live]") && document.hidden) event.preventDefault();
});

// A poll that fails says nothing: the page still shows the last figures with their time, and the
// next poll comes in two seconds. Other requests keep their message.
for (const failure of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(failure, (event) => {
    if (event.detail.elt.matches("[data-live]")) event.stopImmediatePropagation();
  }, true);
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
});

// On paper nothing is folded away.
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("main details:not([open]):not([data-menu])")];
  for (const fold of opened) fold.open = true;
});
addEventListener("afterprint", () => {
  for (const fold of opened) fold.open = false;
});
