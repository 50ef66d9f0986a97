// Saves the return 800 ms after the last key, one save at a time, and says so in words.
// The server answers {revision, saved_at} or, when another window saved first, 409 {message}.

const IDLE = 800;
const RETRIES = [2000, 4000, 8000, 15000, 30000];

export function startSaving(form) {
  const revision = form.querySelector("[name=revision]");
  const places = Object.fromEntries(
    [...form.querySelectorAll("[data-save]")].map((place) => [place.dataset.save, place]),
  );
  let timer = null;
  let running = null;
  let dirty = false;
  let stopped = form.dataset.saveUrl === "";
  let failures = 0;

  function show(kind, text) {
    for (const [name, place] of Object.entries(places)) place.hidden = name !== kind;
    if (text) places[kind].querySelector("span").textContent = text;
  }

  function clock(savedAt) {
    const moment = new Date(savedAt);
    if (Number.isNaN(moment.getTime())) return savedAt;
    return moment.toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
  }

  function retry(text) {
    const wait = RETRIES[Math.min(failures, RETRIES.length - 1)];
    failures += 1;
    dirty = true;
    show("trouble", text);
    timer = setTimeout(save, wait);
  }

  function stop(text) {
    stopped = true;
    dirty = true;
    show("trouble", text);
  }

  async function send() {
    dirty = false;
    show("busy");
    let response;
    try {
      response = await fetch(form.dataset.saveUrl, {
        method: "POST",
        body: new FormData(form),
        headers: { Accept: "application/json", "X-Requested-With": "fetch" },
        redirect: "manual",
      });
    } catch {
      retry(navigator.onLine ? "未保存，正在重试" : "没有网络，改动还没保存。连上后自动保存");
      return;
    }
    if (response.ok) {
      const answer = await response.json();
      revision.value = answer.revision;
      failures = 0;
      if (!dirty) show("saved", `已保存，${clock(answer.saved_at)}`);
    } else if (response.status === 409) {
      const answer = await response.json();
      stop(answer.message);
    } else if (response.type === "opaqueredirect" || response.status === 403) {
      stop("未保存：登录已过期。请在新窗口登录，再回到这一页存草稿");
    } else if (response.status >= 500 || response.status === 429) {
      retry("未保存，正在重试");
    } else {
      stop("未保存：服务器没有接收。请按“存草稿”看原因");
    }
  }

  function save() {
    clearTimeout(timer);
    if (stopped || running) return;
    running = send().finally(() => {
      running = null;
      if (dirty && !failures && !stopped) touch();
    });
  }

  function touch() {
    if (stopped) return;
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(save, IDLE);
  }

  addEventListener("online", () => dirty && save());
  let leaving = false;
  addEventListener("beforeunload", (event) => {
    if ((dirty || running) && !leaving) event.preventDefault();
  });
  // Back from the browser's cache the page may be sent again.
  addEventListener("pageshow", () => {
    leaving = false;
    for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  });

  // A submit waits for a save under way, so that its revision is the newest; and goes out once.
  function beforeSubmit(event) {
    if (leaving) {
      event.preventDefault();
      return;
    }
    clearTimeout(timer);
    if (running) {
      event.preventDefault();
      const button = event.submitter;
      running.finally(() => form.requestSubmit(button));
      return;
    }
    leaving = true;
    event.submitter?.setAttribute("aria-busy", "true");
  }

  return { touch, beforeSubmit };
}
