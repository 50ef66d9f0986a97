// The session idles out on the server. A person who types or scrolls here is not idle, though
// nothing is sent: say so now and then. Before it ends, ask; what other windows do counts too.

const dialog = document.getElementById("session-end");
const TELL_EVERY = 4 * 60 * 1000;
const WARN_SECONDS = 120;
let active = false;
let timer = null;

async function ask(method) {
  const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  const response = await fetch(dialog.dataset.session, {
    method, redirect: "manual", headers: method === "POST" ? { "X-CSRFToken": token } : {},
  });
  // Signing in elsewhere changed the token: that person is active there, and this only looks.
  if (!response.ok && method === "POST") return ask("GET");
  return response.ok ? Number(await response.text()) : 0;
}

function words(seconds) {
  return seconds > 60 ? `${Math.ceil(seconds / 60)}分钟` : `${Math.max(0, seconds)}秒`;
}

async function look() {
  clearTimeout(timer);
  let left;
  try {
    const tell = active && !dialog.open;
    active = false;
    left = await ask(tell ? "POST" : "GET");
  } catch {
    timer = setTimeout(look, 60_000); // No network: the server counts on its own.
    return;
  }
  dialog.dataset.left = left; // What the server said last.
  if (left > WARN_SECONDS) {
    if (dialog.open) dialog.close();
    timer = setTimeout(look, Math.min((left - WARN_SECONDS) * 1000, TELL_EVERY));
  } else if (left > 0) {
    dialog.querySelector("[data-left]").textContent = words(left);
    if (!dialog.open) dialog.showModal();
    timer = setTimeout(look, Math.min(15, left + 1) * 1000);
  } else {
    // Over. The page stays as it is: forms that save by themselves say what to do.
    dialog.querySelector("p").textContent = "已自动退出登录。请在新窗口登录，再回到这里接着办；这一页上填的还在。";
    dialog.querySelector("[data-goes-on]").hidden = true;
    dialog.querySelector("h2").textContent = "已退出登录";
    if (!dialog.open) dialog.showModal();
  }
}

if (dialog) {
  for (const event of ["pointerdown", "keydown", "scroll"]) {
    addEventListener(event, () => { active = true; }, { passive: true, capture: true });
  }
  dialog.querySelector("[data-goes-on]").addEventListener("click", async () => {
    await ask("POST").catch(() => 0);
    look();
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
  timer = setTimeout(look, TELL_EVERY);
}
