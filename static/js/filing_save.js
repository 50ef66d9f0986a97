// Saves the return 800 ms after the last key, one save at a time, and says so in words.
// The server answers {revision, saved_at, locked} or, when another window saved first, 409 {message}.
// `locked`: saved, but it cannot be submitted any more; the sentence says why and who can help.
// `merged`: another window had saved too; what came in from there is put into this page.
// A button saves the same way first, and the page is left only once the server has everything.
// Meanwhile a copy stands on this device, so that closing the browser loses nothing either.
import { deviceCopy, entriesOf } from "./filing_device.js";
import { fieldsOf, takeOver, tellRemembered } from "./filing_merge.js";

const IDLE = 800;
const RETRIES = [2000, 4000, 8000, 15000, 30000];
const WAIT_FOR_SIGN_IN = 15000;
export const PATIENCE = 20000;
const SIGNED_OUT = "登录已过期。请在新窗口登录，这里填的会自动保存";
const POST_CHANGED = "未保存：您的岗位有变动，已退出登录。请在新窗口重新登录；岗位还在的，这里填的会自动保存";
const SOMEONE_ELSE = "未保存：现在登录的账号或岗位不能填这份月报。换过账号或岗位的，请在新窗口换回来，会自动保存；岗位已取消的，请复制要紧的内容，再找系统管理员";
const NOT_REACHED = "还没传上去，正在重试";
const STAY = "这台设备存不下，请不要关闭页面";

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
  let signedOut = false;
  const copy = deviceCopy(form);
  let isOnDevice = false;

  function show(kind, text) {
    for (const [name, place] of Object.entries(places)) place.hidden = name !== kind;
    if (text) places[kind].querySelector("span").textContent = text;
  }

  function clock(savedAt) {
    const moment = new Date(savedAt);
    if (Number.isNaN(moment.getTime())) return savedAt;
    return moment.toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
  }

  // The lock struck while somebody typed, or was lifted again.
  function tellLocked(reason) {
    for (const place of document.querySelectorAll("[data-locked]")) place.hidden = !reason;
    const text = document.querySelector("[data-locked-reason]");
    if (text) text.textContent = reason;
  }

  // What was typed is not with the server yet: say why and where it is, try again.
  function keep(text, wait) {
    failures += 1;
    dirty = true;
    isOnDevice = copy.put();
    show("trouble", `${text}。${isOnDevice ? "填的已存在这台设备上" : STAY}`);
    timer = setTimeout(save, wait);
    return "kept";
  }

  function retry() {
    const wait = RETRIES[Math.min(failures, RETRIES.length - 1)];
    return keep(navigator.onLine ? NOT_REACHED : "没有网络，连上后自动上传", wait);
  }

  const ask = (method, more) => fetch(form.dataset.saveUrl, {
    method, signal: AbortSignal.timeout?.(PATIENCE), ...more,
  });
  const post = () => ask("POST", {
    // Not as multipart: hundreds of cells are read three times faster this way.
    body: new URLSearchParams(entriesOf(form, { withToken: true })),
    headers: { Accept: "application/json", "X-Requested-With": "fetch" },
    redirect: "manual",
  });
  const isForeign = (response) => response.type === "opaqueredirect" || [403, 404].includes(response.status);

  // The session ended or began anew: every page carries the token of the present one, so take it
  // from a fresh copy of this page. Returns the reason why that is not possible, or nothing. What was typed is not touched.
  async function renew() {
    const response = await ask("GET", { headers: { Accept: "text/html" } });
    if ([403, 404].includes(response.status)) return SOMEONE_ELSE;
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    if (new URL(response.url).pathname === document.body.dataset.signIn) {
      return fresh.querySelector("[data-ended=role]") ? POST_CHANGED : SIGNED_OUT;
    }
    const headers = fresh.body.getAttribute("hx-headers");
    if (!response.ok || !headers) return NOT_REACHED;
    // Another post was chosen meanwhile, or this one ended: nothing is saved in another's name.
    if (fresh.body.dataset.post !== document.body.dataset.post) return SOMEONE_ELSE;
    form.querySelector("[name=csrfmiddlewaretoken]").value = JSON.parse(headers)["X-CSRFToken"];
    document.body.setAttribute("hx-headers", headers);
    return "";
  }

  // The server has saved more than this page sent. Until this page shows it, it goes on from the
  // revision it began with, and the server merges again.
  async function showMerged(sent, text) {
    const response = await ask("GET", { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (takeOver(form, page, sent, text) || dirty) return;
    leaving = true;
    location.reload();
  }

  // Returns "saved", "merged" (saved, look at it first), "conflict" (the server's page must compare) or "kept" (still only here).
  async function send() {
    dirty = false;
    if (!failures) show("busy");
    const sent = fieldsOf(form);
    let response;
    try {
      response = await post();
      signedOut = isForeign(response);
      if (signedOut) {
        const reason = await renew();
        if (reason) return keep(reason, WAIT_FOR_SIGN_IN);
        response = await post();
        if (isForeign(response)) return keep(SOMEONE_ELSE, WAIT_FOR_SIGN_IN);
        signedOut = false;
      }
      if (response.ok || response.status === 409) {
        const answer = await response.json();
        failures = 0;
        if (response.ok) {
          stopped = false;
          // Whatever was to be picked has been.
          form.querySelector("#choices")?.remove();
          form.removeAttribute("data-unsaved");
          if (answer.merged) await showMerged(sent, answer.merged);
          else revision.value = answer.revision;
          tellLocked(answer.locked ?? "");
          if (dirty) copy.put();
          else {
            copy.clear();
            show("saved", `已保存，${clock(answer.saved_at)}`);
          }
          return answer.merged ? "merged" : "saved";
        }
        stopped = true;
        dirty = true;
        show("trouble", answer.message);
        return "conflict";
      }
    } catch {
      return retry();
    }
    if (response.status === 413) return keep("未保存：内容太多，服务器不接收。请删去多余的文字", RETRIES.at(-1));
    if (response.status === 400) return keep("未保存：服务器没有接收。请复制要紧的内容，刷新页面后再填", RETRIES.at(-1));
    return retry();
  }

  function save() {
    clearTimeout(timer);
    if (running || stopped) return;
    start();
  }

  function start() {
    running = send().finally(() => {
      running = null;
      if (dirty && !failures) touch();
    });
    return running;
  }

  function touch() {
    dirty = true;
    isOnDevice = copy.put();
    if (stopped || signedOut) return;
    clearTimeout(timer);
    timer = setTimeout(save, IDLE);
  }

  // Whoever comes back from signing in, or to a network, finds it saved without a click.
  const comeBack = () => dirty && failures && !document.hidden && save();
  addEventListener("online", comeBack);
  addEventListener("focus", comeBack);
  document.addEventListener("visibilitychange", comeBack);

  let passing = false;
  let pressed = null;
  let leaving = false;
  addEventListener("beforeunload", (event) => {
    if ((dirty || running) && !leaving) event.preventDefault();
  });
  // Back from the browser's cache the page may be sent again.
  addEventListener("pageshow", () => {
    leaving = false;
    release();
  });

  function release() {
    pressed?.removeAttribute("aria-busy");
    pressed = null;
  }

  // Save by script first; go on to the server's page only if that succeeded, and only once. A
  // conflict goes on too: the server then shows what was typed beside what to do.
  function beforeSubmit(event) {
    if (passing) {
      leaving = true;
      return;
    }
    event.preventDefault();
    if (pressed || leaving) return;
    pressed = event.submitter ?? form;
    pressed.setAttribute("aria-busy", "true");
    goOn(event.submitter);
  }

  async function goOn(button) {
    clearTimeout(timer);
    await running;
    clearTimeout(timer);
    const outcome = await start();
    clearTimeout(timer);
    if (outcome === "merged") {
      release();
      return;
    }
    if (outcome === "kept") {
      release();
      if (!running) timer = setTimeout(save, signedOut ? WAIT_FOR_SIGN_IN : RETRIES[0]);
      return;
    }
    passing = true;
    form.requestSubmit(button);
    passing = false;
    if (!leaving) release();
  }

  tellRemembered();
  return { touch, beforeSubmit };
}
