// The page on which a hazard is reported. The entry is kept on the device first, photos made small,
// and then sent: so a network that fails half-way, a closed browser or an ended session lose nothing.
import { WAITS, go, listen } from "./hazard_outbox.js";
import { drop, keep, kept } from "./hazard_store.js";

const form = document.querySelector("[data-hazard]");
const asks = JSON.parse(form.dataset.asks);
const follows = JSON.parse(form.dataset.follows);
const place = document.querySelector("[data-kept]");
const LONGEST_SIDE = 1600;
const SMALL = 500 * 1024;
const STAYS = ["kindergarten", "source", "found_on"];
// Said of entries while this page is open: what waits and why, and what was entered.
let why = "";
const entered = [];

// Not crypto.randomUUID: offices without TLS have none.
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

// A photo as a phone takes it is many times what the register needs.
async function small(file) {
  if (file.type === "image/jpeg" && file.size <= SMALL) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.8));
    return new File([blob], `${file.name.replace(/\.[^.]*$/, "")}.jpg`, { type: "image/jpeg" });
  } catch {
    return file; // No picture this browser can draw: the server says what to do.
  }
}

function sayAt(name, text) {
  const control = form.elements[name];
  const field = (control instanceof RadioNodeList ? control[0] : control).closest(".field");
  let error = field.querySelector(".field-error");
  if (!text) return error?.remove();
  if (!error) {
    error = document.createElement("p");
    error.className = "field-error";
    error.setAttribute("role", "alert");
    error.append(document.createElement("span"));
    field.querySelector(".form-hint, .form-label").after(error);
  }
  error.querySelector("span").textContent = text;
  return error;
}

// Photos of a field: those chosen here, and those the server kept when it refused the form.
const brought = (name) => form.elements[name].files.length
  + form.querySelectorAll(`[name="${name}-kept"]:checked, [name="${name}-kept"][type=hidden]`).length;

// What the server would ask for, asked for at once: without a network nobody else says it.
function lacking() {
  const onSpot = form.elements.mending.value === "spot";
  const photographed = brought("photos") || brought("mended_photos");
  const found = {
    kindergarten: form.elements.kindergarten && !form.elements.kindergarten.value.trim() ? "请填幼儿园。" : "",
    place: form.elements.place.value.trim() ? "" : `${photographed ? asks.photo_of_what : ""}${asks.place}`,
    description: form.elements.description.value.trim() ? "" : asks.description,
    field: form.elements.field.value ? "" : "请选择领域。",
    deadline: onSpot || form.elements.deadline.value ? "" : asks.deadline,
    mended_photos: onSpot && !brought("mended_photos") ? asks.mended_photos : "",
  };
  const wrong = Object.entries(found).filter(([name]) => form.elements[name]);
  for (const [name, text] of wrong) sayAt(name, text);
  const first = wrong.find(([, text]) => text);
  if (first) form.elements[first[0]].focus();
  return Boolean(first);
}

async function entryOf() {
  const data = [...new FormData(form)];
  const files = [];
  for (const [field, file] of data) {
    if (!(file instanceof File) || !file.size) continue;
    const blob = await small(file);
    files.push({ field, name: blob.name, blob });
  }
  const fields = data.filter(([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken");
  return {
    id: form.elements.client_id.value, post: document.body.dataset.post, at: Date.now(),
    title: `${form.elements.place.value}：${form.elements.description.value}`, fields, files,
  };
}

function clear() {
  const stays = Object.fromEntries(STAYS.filter((name) => form.elements[name]).map((name) => [name, form.elements[name].value]));
  form.reset();
  for (const [name, value] of Object.entries(stays)) form.elements[name].value = value;
  for (const name of ["place", "description"]) form.elements[name].value = "";
  form.elements.earlier.value = "";
  form.elements.client_id.value = newId();
  document.querySelector(".err-summary")?.remove();
  for (const gone of form.querySelectorAll(".field-error, [data-kept-file]")) gone.remove();
  showFitting();
}

// Back into the form, photos too; it goes on under its own mark.
function edit(entry) {
  clear();
  for (const [name, value] of entry.fields) {
    const control = form.elements[name];
    if (name.endsWith("-kept")) {
      const mark = Object.assign(document.createElement("input"), { type: "hidden", name, value });
      mark.dataset.keptFile = "";
      form.append(mark);
    } else if (control?.type === "checkbox") control.checked = true;
    else if (control) control.value = value;
  }
  for (const field of ["photos", "mended_photos"]) {
    const files = new DataTransfer();
    for (const { name, blob } of entry.files.filter((one) => one.field === field)) {
      files.items.add(new File([blob], name, { type: blob.type }));
    }
    form.elements[field].files = files.files;
  }
  form.querySelector(".hazard-more").open = true;
  showFitting();
  form.elements.place.focus();
}

const whenKept = (at) => new Date(at).toLocaleString("zh-CN", {
  month: "long", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false,
});

function row(entry, state) {
  const item = document.querySelector("template[data-entry]").content.cloneNode(true).firstElementChild;
  item.querySelector("[data-title]").textContent = entry.title;
  item.querySelector("[data-when]").textContent = whenKept(entry.at);
  item.querySelector("[data-state]").replaceChildren(state);
  const errors = Object.entries(entry.errors ?? {}).flatMap(([label, said]) => said.map((text) => (label ? `${label}：${text}` : text)));
  item.querySelector("[data-errors]").replaceChildren(...errors.map((text) => {
    const line = document.createElement("li");
    line.textContent = text;
    return line;
  }));
  const [change, away] = ["[data-edit]", "[data-drop]"].map((name) => item.querySelector(name));
  change.hidden = away.hidden = !entry.errors;
  change.addEventListener("click", () => edit(entry));
  away.addEventListener("click", async () => {
    await drop(entry.id);
    show();
  });
  return item;
}

async function show() {
  const entries = await kept().catch(() => []);
  const rows = entries.map((entry) => row(entry, entry.errors ? "没有登记，请改好下面几处" : why || "正在发送"));
  const done = entered.map(({ entry, number, url }) => {
    const link = document.createElement("a");
    link.href = url;
    link.textContent = `已登记，编号${number}`;
    return row({ ...entry, errors: null }, link);
  });
  place.querySelector("[data-entries]").replaceChildren(...rows.reverse(), ...done.reverse());
  place.querySelector("[data-send]").hidden = !entries.some((entry) => !entry.errors);
  place.hidden = !rows.length && !done.length;
}

listen((news) => {
  why = news.why ?? "";
  if (news.number) entered.push(news);
  show();
});

async function sendNow() {
  why = navigator.onLine ? "" : WAITS;
  await show();
  await go();
  await show();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (lacking()) return;
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  const isKept = await keep(await entryOf());
  button.disabled = false;
  form.querySelector("[data-full]").hidden = isKept || navigator.onLine;
  if (!isKept) {
    if (navigator.onLine) form.submit();
    return;
  }
  clear();
  await sendNow();
});
place.querySelector("[data-send]").addEventListener("click", sendNow);

// A criterion that is met makes it major, lies in its field, and may stop the use at once.
form.elements.criterion.addEventListener("change", () => {
  const met = follows[form.elements.criterion.value];
  if (!met) return;
  form.elements.field.value = met.field;
  form.elements.grade.value = "major";
  form.elements.mending.value = "dated";
  showFitting();
  if (met.stop) form.elements.stop_use.checked = true;
});

// What the choice leaves no use for is out of the way; without script its hint says so.
function showFitting() {
  const onSpot = form.elements.mending.value === "spot";
  form.elements.deadline.closest(".field").hidden = onSpot;
  form.elements.mended_photos.closest(".field").hidden = !onSpot;
}
form.addEventListener("change", showFitting);

showFitting();
show();
