// What was typed and has not reached the server yet, kept on this device. A browser that is closed,
// a machine that dies and a week without network lose nothing: the copy goes as soon as the server
// has everything. Head-counts and remarks only, of one return, for one post, for thirty days.

const DAYS = 30;
const PREFIX = "return/";

// Storage may be switched off or full; then the page says that it has to stay open.
function reach(action) {
  try {
    return action(globalThis.localStorage);
  } catch {
    return null;
  }
}

const keyOf = (place) => `${PREFIX}${document.body.dataset.post}${place.dataset.device}`;

function dropOld(store) {
  const oldest = Date.now() - DAYS * 24 * 60 * 60 * 1000;
  for (const key of Object.keys(store).filter((name) => name.startsWith(PREFIX))) {
    if (!(JSON.parse(store.getItem(key))?.at > oldest)) store.removeItem(key);
  }
}

// Every field that is posted; files go their own way, and the token is of this session only.
export const entriesOf = (form, { withToken = false } = {}) => [...new FormData(form)].filter(
  ([name, value]) => typeof value === "string" && (withToken || name !== "csrfmiddlewaretoken"),
);

export function deviceCopy(form) {
  const key = keyOf(form);
  return {
    // Returns whether it is kept.
    put: () => reach((store) => {
      // What was picked in a comparison belongs to that page.
      const entries = entriesOf(form).filter(([name]) => !name.startsWith("pick-"));
      store.setItem(key, JSON.stringify({ at: Date.now(), entries }));
      return true;
    }) === true,
    take: () => reach((store) => {
      dropOld(store);
      return JSON.parse(store.getItem(key));
    }),
    clear: () => reach((store) => store.removeItem(key)),
  };
}

export function whenKept(copy) {
  const options = { month: "long", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false };
  return new Date(copy.at).toLocaleString("zh-CN", options).replace(" ", "");
}

// A page that cannot take it (submitted meanwhile, locked): say that it is there and what it says.
export function showLeftOver(place, labels) {
  const copy = deviceCopy(place).take();
  if (!copy) return;
  const values = Object.fromEntries(copy.entries);
  place.querySelector("[data-kept-at]").textContent = whenKept(copy);
  place.querySelector("[data-kept]").replaceChildren(...linesOf(values, labels).map((text) => {
    const line = document.createElement("li");
    line.textContent = text;
    return line;
  }));
  place.querySelector("[data-discard]").addEventListener("click", () => {
    deviceCopy(place).clear();
    place.hidden = true;
  });
  place.hidden = false;
}

// 小一班：男12，女13 … in the order of the form, then the staff and what was written.
function linesOf(values, { columns, posts }) {
  const numbers = [...new Set(Object.keys(values).map((name) => /^class-(\d+)-/.exec(name)?.[1]).filter(Boolean))];
  const cells = (labels, prefix) => Object.entries(labels)
    .filter(([field]) => values[`${prefix}${field}`])
    .map(([field, label]) => `${label}${values[`${prefix}${field}`]}`)
    .join("，");
  const lines = numbers.map((number) => {
    const prefix = `class-${number}-`;
    return `${values[`${prefix}name`] || "没有班名的班"}：${cells(columns, prefix)}`;
  });
  if (values.days_open) lines.push(`开园${values.days_open}天`);
  lines.push(`教职工：${cells(posts, "staff-")}`);
  const reasons = Object.entries(values).filter(([name, text]) => /(^|-)explain-/.test(name) && text);
  lines.push(...reasons.map(([, text]) => `说明：${text}`));
  return values.remarks ? [...lines, `其他情况：${values.remarks}`] : lines;
}
