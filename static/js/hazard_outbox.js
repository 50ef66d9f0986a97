// Sends what hazard_store.js keeps, from whichever page is open: when it opens, when the network comes
// back, and now and then while something waits. The server takes an entry once, however often it comes;
// it leaves the device when the server has said so. Before each round a fresh page is asked for: it
// carries the token of the present session, and says whether this is still the same person's post.
import { drop, keep, kept, tellDeleted } from "./hazard_store.js";

const url = document.getElementById("hazard-outbox").dataset.url;
const AGAIN = 30_000;
const PATIENCE = 60_000;
export const WAITS = "已存在本机，联网后自动发送";
const SIGNED_OUT = "已存在本机。登录已过期，登录后自动发送";
const OTHER_POST = "已存在本机。换回登记时的账号和岗位后自动发送";
const NO_RIGHT = "已存在本机。您现在的岗位不能登记隐患，换回登记时的账号和岗位后自动发送";
const TOO_LARGE = "照片太大，服务器没有接收。请删掉几张再登记。";
const NOT_TAKEN = "服务器没有接收。请改一改再登记；还是不行，请联系教育局的系统管理员。";

const ask = (more) => fetch(url, { signal: AbortSignal.timeout?.(PATIENCE), ...more });

// The token to send with, or why nothing can be sent now.
async function begin() {
  const response = await ask({ headers: { Accept: "text/html" } });
  if (new URL(response.url).pathname === document.body.dataset.signIn) return { why: SIGNED_OUT };
  if (response.status === 403) return { why: NO_RIGHT };
  if (!response.ok) return { why: WAITS };
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  if (page.body.dataset.post !== document.body.dataset.post) return { why: OTHER_POST };
  return { token: JSON.parse(page.body.getAttribute("hx-headers"))["X-CSRFToken"] };
}

function bodyOf(entry) {
  const data = new FormData();
  for (const [name, value] of entry.fields) data.append(name, value);
  for (const { field, name, blob } of entry.files) data.append(field, blob, name);
  return data;
}

// Returns {number, url} once it is entered, {errors} where it was refused, {why} where it has to wait.
async function send(entry, token) {
  const response = await ask({
    method: "POST", body: bodyOf(entry), redirect: "manual",
    headers: { Accept: "application/json", "X-CSRFToken": token, "X-Requested-With": "fetch" },
  });
  if (response.ok) return response.json();
  if (response.status === 422) return response.json();
  if (response.status === 413) return { errors: { 照片: [TOO_LARGE] } };
  if (response.type === "opaqueredirect") return { why: SIGNED_OUT };
  if (response.status === 403) return { why: OTHER_POST };
  return [400, 404].includes(response.status) ? { errors: { "": [NOT_TAKEN] } } : { why: WAITS };
}

async function round(tell) {
  const waiting = (await kept()).filter((entry) => !entry.errors);
  if (!waiting.length) return;
  const { token, why } = await begin().catch(() => ({ why: WAITS }));
  if (why) return tell({ why });
  for (const entry of waiting) {
    const answer = await send(entry, token).catch(() => ({ why: WAITS }));
    if (answer.why) return tell(answer);
    if (answer.errors) await keep({ ...entry, errors: answer.errors });
    else await drop(entry.id);
    tell({ entry, ...answer });
  }
}

// One at a time on this device; without locks two windows may both send, and the server takes one.
let running = null;
export function sendAll(tell) {
  const once = () => round(tell).catch(() => tell({ why: WAITS }));
  running ??= (navigator.locks
    ? navigator.locks.request("hazards", { ifAvailable: true }, (lock) => lock && once())
    : once()
  ).finally(() => { running = null; });
  return running;
}

// Elsewhere than on the page of the entries a line says what became of them.
function say(text, about = "sent") {
  const place = document.getElementById("messages");
  if (!place) return;
  let line = place.querySelector(`[data-hazards-said="${about}"]`);
  if (!line) {
    line = document.createElement("div");
    line.className = "notice is-info";
    line.dataset.hazardsSaid = about;
    line.setAttribute("role", "status");
    place.append(line);
  }
  const link = document.createElement("a");
  link.href = url;
  link.textContent = "看本机的登记";
  const words = document.createElement("div");
  words.className = "notice-body";
  words.append(text, " ", link);
  line.replaceChildren(words);
}

let listener = null;
// The page of the entries hears of everything itself.
export function listen(tell) {
  listener = tell;
}

export async function go() {
  const counts = { sent: 0, refused: 0 };
  await sendAll((news) => {
    if (news.number) counts.sent += 1;
    if (news.errors) counts.refused += 1;
    listener?.(news);
  });
  if (listener) return;
  if (counts.refused) say(`本机有${counts.refused}条隐患登记没有被接收，请改一改。`);
  else if (counts.sent) say(`本机的${counts.sent}条隐患登记已发送。`);
}

addEventListener("online", go);
setInterval(async () => {
  if (navigator.onLine) await go();
}, AGAIN);
// Storage may be switched off; then there is nothing to send.
kept().then((entries) => {
  const gone = tellDeleted();
  if (gone) say(gone, "deleted");
  return entries.some((entry) => !entry.errors) && go();
}).catch(() => {});
