// What was typed and has not reached the server yet, kept on this device. A browser that is closed,
// a machine that dies and a week without network lose nothing: the copy goes as soon as the server
// has everything. Every field of one return as it is posted, without files and the session's token;
// one copy for each window, for one post, for thirty days. Two windows on one device never write
// over each other's copy; whoever opens the return next brings all of them in.

const DAYS = 30;
const PREFIX = "return/";
const WINDOW = "return-window";

// Storage may be switched off or full; then the page says that it has to stay open.
function reach(action) {
  try {
    return action(globalThis.localStorage);
  } catch {
    return null;
  }
}

// The window's name is with the page while it is open and in the session only between two pages, so
// that a window that was duplicated does not go by the name of the first.
function takeWindow() {
  try {
    const name = sessionStorage.getItem(WINDOW);
    sessionStorage.removeItem(WINDOW);
    return name;
  } catch {
    return null;
  }
}

let ownWindow = takeWindow() ?? newWindow();
addEventListener("pagehide", () => {
  try {
    sessionStorage.setItem(WINDOW, ownWindow);
  } catch { /* the next page is a window of its own then */ }
});
addEventListener("pageshow", takeWindow);

function newWindow() {
  return [...crypto.getRandomValues(new Uint32Array(2))].join("-");
}

const keyOf = (place) => `${PREFIX}${document.body.dataset.post}${place.dataset.device}#`;

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

// Copies are {at, entries, window, text}: when they were typed, the fields, by which window, as kept.
export function deviceCopy(form) {
  const key = keyOf(form);
  return {
    // Keep what is typed in this window now. Returns whether it is kept.
    put: () => reach((store) => {
      // What was picked in a comparison belongs to that page.
      const entries = entriesOf(form).filter(([name]) => !name.startsWith("pick-"));
      store.setItem(key + ownWindow, JSON.stringify({ at: Date.now(), entries }));
      return true;
    }) === true,
    // Every window's copy of this return, the oldest first.
    all: () => reach((store) => {
      dropOld(store);
      return Object.keys(store).filter((name) => name.startsWith(key)).map((name) => {
        const text = store.getItem(name);
        return { ...JSON.parse(text), window: name.slice(key.length), text };
      }).sort((one, other) => one.at - other.at);
    }) ?? [],
    clear: () => reach((store) => store.removeItem(key + ownWindow)),
    // Away with a copy that was dealt with; not where its window has kept more since.
    drop: (copy) => reach((store) => {
      if (store.getItem(key + copy.window) === copy.text) store.removeItem(key + copy.window);
    }),
  };
}

// From now on this window keeps what it types in the place of that copy: it shows it to be compared.
export function goOnAs(copy) {
  ownWindow = copy.window;
}

// A page that begins with what the server has leaves its window's copy to be brought in like any other.
export function beginAnew() {
  ownWindow = newWindow();
}

export function whenKept(copy) {
  const options = { month: "long", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false };
  return new Date(copy.at).toLocaleString("zh-CN", options).replace(" ", "");
}

// A page that cannot take them (submitted meanwhile, locked): say what there is and what it says.
export function showLeftOver(place, labels) {
  const device = deviceCopy(place);
  const copies = device.all();
  if (!copies.length) return;
  place.querySelector("[data-kept-at]").textContent = copies.map(whenKept).join("、");
  const lines = copies.flatMap((copy) => {
    const values = Object.fromEntries(copy.entries);
    return [...(copies.length > 1 ? [`${whenKept(copy)}填的：`] : []), ...linesOf(values, labels)];
  });
  place.querySelector("[data-kept]").replaceChildren(...lines.map((text) => {
    const line = document.createElement("li");
    line.textContent = text;
    return line;
  }));
  place.querySelector("[data-discard]").addEventListener("click", () => {
    copies.forEach(device.drop);
    place.hidden = true;
  });
  place.hidden = false;
}

// 小一班：男12，女13 … in the order of the form, then the other sections and what was written.
function linesOf(values, { columns, sections }) {
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
  for (const [label, { cells: words, choices }] of Object.entries(sections)) {
    const said = Object.entries(words).filter(([name]) => values[name])
      .map(([name, [word, field]]) => `${word}${choices[field]?.[values[name]] ?? values[name]}`);
    if (said.length) lines.push(`${label}：${said.join("，")}`);
  }
  const reasons = Object.entries(values).filter(([name, text]) => /(^|-)explain-/.test(name) && text);
  lines.push(...reasons.map(([, text]) => `说明：${text}`));
  return values.remarks ? [...lines, `其他情况：${values.remarks}`] : lines;
}
