// Small behaviours of every page. Everything here also works without script, only less smoothly.

// Menus are <details>: a click elsewhere or Escape closes them.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// The navigation is longer than the window: where one is stands in sight.
const side = document.querySelector(".sidenav");
const here = side?.querySelector(".active");
if (here && here.offsetTop > side.clientHeight - 80) side.scrollTop = here.offsetTop - side.clientHeight / 2;

// Dialogs: data-opens="id" opens one; a click on the backdrop of a drawer closes it.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  if (event.target.matches("dialog[data-drawer]")) event.target.close();
  if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
});

// A form in a dialog comes back with what was typed in it.
document.querySelector("dialog[data-opens-now]")?.showModal();
// A link of an error summary leads to a field, also into a dialog or a fold that is closed.
document.addEventListener("click", (event) => {
  const link = event.target.closest(".err-summary a[href^='#']");
  const place = link && document.getElementById(link.hash.slice(1));
  if (!place) return;
  for (let fold = place.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  const dialog = place.closest("dialog");
  if (dialog && !dialog.open) dialog.showModal();
  const control = place.matches("input, select, textarea") ? place : place.querySelector("input, select, textarea");
  if (!control) return;
  event.preventDefault();
  control.focus();
  control.scrollIntoView({ block: "center" });
});

// The explanation of a figure arrives by htmx into #explain-body and is shown as a drawer. Without
// script the link opens the same explanation as a page.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id !== "explain-body") return;
  const drawer = document.getElementById("explain");
  if (!drawer.open) drawer.showModal();
  drawer.scrollTop = 0;
});

// A server or network failure of an htmx request is said in words.
function sayFailure(text) {
  const place = document.getElementById("messages");
  if (!place) return;
  const box = document.createElement("div");
  box.className = "notice is-fail";
  box.dataset.failure = "";
  const body = document.createElement("div");
  body.className = "notice-body";
  const title = document.createElement("b");
  title.textContent = text;
  body.append(title);
  box.append(body);
  place.replaceChildren(box);
}
document.addEventListener("htmx:responseError", (event) => {
  const id = event.detail.xhr.getResponseHeader("X-Request-ID");
  sayFailure(`没有取到数据，页面上的内容没有变。请再试一次。${id ? `编号${id}` : ""}`);
});
document.addEventListener("htmx:sendError", () => {
  sayFailure("连不上服务器，页面上的内容没有变。请检查网络后再试。");
});
document.addEventListener("htmx:afterOnLoad", () => {
  document.querySelector("[data-failure]")?.remove();
});

// Signed out meanwhile: the answer is the sign-in page, which must not land inside this one.
document.addEventListener("htmx:beforeSwap", (event) => {
  const answered = new URL(event.detail.xhr.responseURL || location.href);
  if (answered.pathname !== document.body.dataset.signIn) return;
  event.detail.shouldSwap = false;
  location.reload();
});

// An error summary takes focus, so that readers hear it first.
document.querySelector("[data-focus]")?.focus();

// Show or hide what is typed as the password.
for (const button of document.querySelectorAll("[data-reveals]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const input = document.getElementById(button.dataset.reveals);
    const show = input.type === "password";
    input.type = show ? "text" : "password";
    button.setAttribute("aria-pressed", String(show));
    button.setAttribute("aria-label", show ? "隐藏密码" : "显示密码");
  });
}

// Fill the form with a demo login; the person still presses the button.
for (const button of document.querySelectorAll("[data-login]")) {
  button.addEventListener("click", () => {
    document.getElementById("id_username").value = button.dataset.login;
    document.getElementById("id_password").value = button.dataset.password;
    document.querySelector("form [type=submit]").focus();
  });
}

// One box ticks all rows of the page; without script each row is ticked by itself.
for (const all of document.querySelectorAll("[data-ticks-all]")) {
  const rows = () => [...all.form.querySelectorAll(`[name="${all.dataset.ticksAll}"]`)];
  const look = () => {
    const ticked = rows().filter((row) => row.checked).length;
    all.checked = ticked > 0 && ticked === rows().length;
    all.indeterminate = ticked > 0 && !all.checked;
  };
  all.hidden = false;
  all.closest("[data-with-script]")?.removeAttribute("hidden");
  all.addEventListener("change", () => {
    for (const row of rows()) row.checked = all.checked;
    all.form.dispatchEvent(new Event("ticked"));
  });
  all.form.addEventListener("ticked", look);
  all.form.addEventListener("change", look);
  look();
}

// Printing: the button of any page; on paper nothing is folded away.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
});
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("main details:not([open]):not([data-menu])")];
  for (const fold of opened) fold.open = true;
});
addEventListener("afterprint", () => {
  for (const fold of opened) fold.open = false;
});

// Filters apply when a choice changes; the button stays for those without script.
for (const select of document.querySelectorAll("form[data-auto] select")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}

// Lists of files: what was chosen, and what is too large, before sending.
for (const upload of document.querySelectorAll("[data-upload]")) {
  const input = upload.querySelector("input[type=file]");
  const chosen = upload.querySelector(".upload-chosen");
  if (!input || upload.dataset.uploadUrl) continue;
  input.addEventListener("change", () => {
    const names = [...input.files].map((file) => `${file.name}（${(file.size / 1048576).toFixed(1)} MB）`);
    chosen.textContent = names.length ? `已选：${names.join("、")}` : "";
  });
}

// Tables: arrow keys move between the links of neighbouring rows.
document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const link = event.target.closest("table[data-rows] tbody a.row-link");
  if (!link) return;
  const links = [...link.closest("table").querySelectorAll("tbody a.row-link")];
  const next = links[links.indexOf(link) + (event.key === "ArrowDown" ? 1 : -1)];
  if (next) {
    event.preventDefault();
    next.focus();
  }
});
