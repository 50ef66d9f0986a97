// The self-check and the incidents while somebody fills them in. The server checks again.
const { checkIncident, checkRepair } = globalThis.filingDays;
const form = document.querySelector("form[data-filing]");
// Not there in a return of a month that was not asked for them.
const incidents = form.querySelector("[data-incidents]");
const none = form.querySelector("[data-none]");
const slots = [...form.querySelectorAll("[data-incident]")];
const add = form.querySelector("[data-add-incident]");
// Not the reasons given beside them: a row that was emptied is blank, whatever was once explained.
const inputsOf = (place) => [...place.querySelectorAll("[data-part]")];
const filledSlots = () => slots.filter((slot) => !isBlank(slot));
const isBlank = (place) => inputsOf(place).every((input) => input.value.trim() === "");

// What is said and asked of an item stands there only while its answer is 否, or something is typed.
function showNo() {
  for (const row of form.querySelectorAll("[data-safety-row]")) {
    const answer = row.querySelector("[data-name=answer]").value;
    const place = row.querySelector("[data-no]");
    place.toggleAttribute("data-idle", answer !== "no" && isBlank(place) && !place.querySelector(".asked"));
  }
}

const opened = new Set(slots.filter((slot) => !isBlank(slot)));
function showSlots() {
  for (const slot of slots) slot.hidden = !opened.has(slot);
  if (incidents) add.hidden = none.checked || slots.every((slot) => opened.has(slot));
}

add?.addEventListener("click", () => {
  const slot = slots.find((one) => !opened.has(one));
  opened.add(slot);
  showSlots();
  inputsOf(slot)[0].focus();
});

// The scheduled charges ask for both numbers, a row of one's own for all once anything stands there.
function openCharges() {
  return [...form.querySelectorAll("[data-charge]")].flatMap((row) => {
    const cells = [...row.querySelectorAll("[data-part]")].filter((input) => !["name", "periods", "prepaid"].includes(input.dataset.name));
    const asked = row.dataset.listed !== undefined || !isBlank(row);
    return asked ? cells.filter((input) => !input.value.trim()) : [];
  });
}

// The cells that are still to be filled in, in the order of the page.
export function openCells() {
  const open = [...form.querySelectorAll("[data-safety-row]:not(.is-removed)")].flatMap((row) => {
    const [answer, account, day] = ["answer", "account", "repair_by"]
      .map((name) => row.querySelector(`[data-name=${name}]`));
    if (!answer.value) return [answer];
    return answer.value === "no" ? [account, day].filter((input) => !input.value.trim()) : [];
  });
  const filled = filledSlots();
  if (incidents && Boolean(filled.length) === none.checked) open.push(none);
  return [...openCharges(), ...open, ...filled.flatMap((slot) => inputsOf(slot).filter((input) => !input.value.trim()))];
}

// What the server found wrong stays marked until it is changed.
const MARKED = "[data-charge] [data-part], [data-safety-row] [data-part], [data-incident] [data-part]";
const found = new Map([...form.querySelectorAll(MARKED)].filter((input) => input.matches(".is-bad")).map((input) => [input, input.value]));
const says = (rules, code, values = {}) => rules.says[code].join("").replace(/\{(\w+)\}/g, (_, name) => values[name]);

function tell(place, text) {
  place.textContent = text;
  place.hidden = !text;
}

export function markOpen(rules) {
  const open = new Set(openCells());
  for (const input of form.querySelectorAll(MARKED)) {
    input.classList.toggle("is-bad", open.has(input) || found.get(input) === input.value);
  }
  if (incidents) {
    const filled = filledSlots().length;
    none.closest("label").classList.toggle("is-bad", open.has(none));
    const code = filled ? "incidents_both" : "incidents_unanswered";
    tell(incidents.querySelector("[data-incidents-error]"), open.has(none) ? says(rules, code, { rows: filled }) : "");
  }
  for (const row of form.querySelectorAll("[data-safety-row]")) {
    const cells = inputsOf(row);
    if (cells.some((input) => found.get(input) === input.value)) continue; // the server's own words stand there
    const lacks = cells[0].value === "no" && cells.some((input) => open.has(input));
    const item = row.querySelector("th").firstChild.textContent.trim();
    tell(row.querySelector("[data-part-error]"), lacks ? says(rules, "safety_no_explained", { item }) : "");
  }
}

// Days are wrong as soon as they are typed. `rules.days.now` is the server's, when the page was made.
const nowOf = (rules) => new Date(Date.parse(`${rules.days.now}Z`) + performance.now()).toISOString().slice(0, 16);
const at = (place, name) => place.querySelector(`[data-name=${name}]`);
const marked = new Set();
const told = new Map();

function showDays(row, place, findings) {
  const wrong = new Set(findings.map(({ input }) => input));
  if (inputsOf(row).some((input) => found.get(input) === input.value)) return; // the server's own words
  for (const input of inputsOf(row)) {
    if (wrong.has(input) || marked.has(input)) input.classList.toggle("is-bad", wrong.has(input));
    if (wrong.has(input)) marked.add(input);
    else marked.delete(input);
  }
  const text = findings.map((one) => one.text).join("");
  if (text || (told.has(place) && told.get(place) === place.textContent)) tell(place, text);
  told.set(place, text);
}

// The cells whose days cannot be; what is wrong stands at them.
export function updateDates(rules) {
  const now = nowOf(rules);
  const wrong = [];
  const showOf = (row, place, findings) => {
    showDays(row, place, findings);
    wrong.push(...findings.map(({ input }) => input));
  };
  for (const row of form.querySelectorAll("[data-safety-row]:not(.is-removed)")) {
    const [answer, account, day] = ["answer", "account", "repair_by"].map((name) => at(row, name));
    const item = row.querySelector("th").firstChild.textContent.trim();
    const text = checkRepair({ item, answer: answer.value, account: account.value, repairBy: day.value }, rules, now);
    showOf(row, row.querySelector("[data-part-error]"), text ? [{ input: day, text }] : []);
  }
  for (const slot of slots) {
    const typed = { row: slot.querySelector("legend").textContent, day: at(slot, "occurred_on").value, reported: at(slot, "reported_at").value };
    const findings = checkIncident(typed, rules, now).map(({ name, text }) => ({ input: at(slot, name), text }));
    showOf(slot, slot.querySelector(".incident-errors"), findings);
  }
  return [...new Set(wrong)];
}

// What the server said of a cell goes when it is changed; it is checked again with the next save.
form.addEventListener("input", ({ target }) => {
  if (!target.matches(MARKED)) return;
  target.classList.remove("is-bad");
  target.removeAttribute("aria-invalid");
  const charge = target.closest("[data-charge]");
  const place = charge
    ? form.querySelector(`[data-charge-note="${charge.dataset.rowCode}"] [data-charge-error]`)
    : target.closest("[data-incident]")?.querySelector(".incident-errors") ?? target.closest("[data-safety-row]")?.querySelector("[data-part-error]");
  if (place) tell(place, "");
});

const show = () => { showNo(); showSlots(); };
form.addEventListener("input", show);
form.addEventListener("renewed", show);
show();
