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

// On phones the groups that need no attention are folded; without script they stay open.
document.documentElement.classList.add("can-fold");
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-unfolds]");
  if (!button) return;
  const open = button.closest("tbody").classList.toggle("is-open");
  button.setAttribute("aria-expanded", String(open));
  button.textContent = open ? "收起" : "展开";
});
