// The return form while someone types: totals, differences, checks, row states. The form is plain
// HTML and works without this file; the server then shows the same totals and checks after a save.
import { takePaste } from "./filing_block.js";
import { updateCharges } from "./filing_charges.js";
import { recover } from "./filing_recover.js";
import { startSaving } from "./filing_save.js";
import { unconfirmed } from "./filing_same.js";
import { markOpen, openCells, updateDates } from "./filing_sections.js";

const {
  isMore, parseCount, whole: inWords, rate, checkClass, checkMoves, checkStayed, checkDaysOpen, checkPeers, checkStated,
  checkWhole, checkNumberOfClasses, checkStaff, nameInLast, sum, normalise,
} = globalThis.filingChecks;
const form = document.querySelector("form[data-filing]");
const rules = JSON.parse(form.dataset.rules);
const MINUS = "−";

const signed = (number) => (number > 0 ? `+${number}` : String(number).replace("-", MINUS));
const moreOf = (row) => document.getElementById(`${row.id}-more`);
// Whether somebody wanted to submit: from then on what is missing is said at its place.
let refused = form.hasAttribute("data-refused");
const rows = () => [...form.querySelectorAll("[data-row]")];
const isRemoved = (row) => row.classList.contains("is-removed");
const lastOf = (element) => (element.dataset.last === "" ? null : Number(element.dataset.last));

// A class just added is not called wrong before the person had a chance to fill it in.
const isBlank = (row) => [...row.querySelectorAll("[data-class-name], [data-field]")]
  .every((input) => input.value.trim() === "");
const fresh = new Set(form.hasAttribute("data-refused") ? [] : rows().filter(isBlank));

function markCell(input, bad) {
  const last = input.dataset.last;
  const changed = last !== "" && normalise(input.value) !== last;
  input.classList.toggle("is-changed", changed || last === "");
  input.classList.toggle("is-bad", bad);
  input.toggleAttribute("aria-invalid", false);
  if (bad) input.setAttribute("aria-invalid", "true");
  input.toggleAttribute("data-zero", normalise(input.value) === "0");
  const was = input.parentElement.querySelector(".was");
  if (was) was.hidden = !changed;
  return changed;
}

function showFindings(place, findings) {
  place.hidden = !findings.length;
  const list = place.querySelector("[data-findings]");
  list.replaceChildren(...findings.map((finding) => {
    const line = document.createElement("p");
    const strong = document.createElement("b");
    strong.textContent = finding.text;
    line.append(strong, finding.advice);
    return line;
  }));
}

// Shows the place for a reason at each finding; returns those that have none yet.
function showExplanations(place, findings) {
  const open = [];
  let shown = 0;
  for (const block of place.querySelectorAll("[data-finding]")) {
    const finding = findings.find(({ code, place: of }) => code === block.dataset.finding && of === block.dataset.place);
    block.hidden = !finding;
    if (!finding) continue;
    shown += 1;
    const sentence = block.querySelector("[data-sentence]");
    if (sentence.textContent !== finding.text) sentence.textContent = finding.text;
    block.querySelector("[data-advice]").textContent = finding.advice;
    const reason = block.querySelector("textarea");
    if (reason.value.trim() === "") open.push(reason);
  }
  place.hidden = !shown;
  return open;
}

function setState(row, state, count) {
  for (const word of row.querySelectorAll("[data-state]")) word.hidden = word.dataset.state !== state;
  const number = row.querySelector("[data-changes]");
  if (number) number.textContent = count;
  row.classList.toggle("row-same", state === "same");
  row.classList.toggle("row-error", state === "error");
  row.classList.toggle("row-warn", ["explain", "explained"].includes(state));
}

// Which class of the last return a row says it was; "" where the form does not say.
const wasOf = (row) => row.querySelector("[data-was]")?.value ?? "";

// Recompute one class row; returns what the totals need.
function updateRow(row, names, claimed, daysOpen) {
  const more = moreOf(row);
  const inputs = [...row.querySelectorAll("[data-field]"), ...more.querySelectorAll("[data-field]")];
  const name = row.querySelector("[data-class-name]");
  const values = Object.fromEntries(inputs.map((input) => [input.dataset.field, input.value]));
  // As on the server: a class is compared with the one it was, else the one that had its present name.
  const inLast = nameInLast(name.value.trim(), wasOf(row), claimed, rules);
  const last = rules.last_classes.find((one) => one.name === inLast);
  const lastTotal = last?.children ?? null;
  const typed = {
    name: name.value.trim(), grade: row.dataset.grade, values, lastTotal, lastGrade: last?.grade, daysOpen,
  };
  const checked = checkClass(typed, rules);
  const classes = names.filter((other) => other === name.value.trim()).length;
  if (name.value.trim() && classes > 1) {
    checked.errors.push({ fields: ["name"], text: inWords(rules, "class_names_differ", { classes, name: name.value.trim() }), advice: "" });
  }
  // What was not typed yet is no error before somebody wants to submit.
  const shown = fresh.has(row) ? [] : checked.errors.filter(({ missing }) => !missing || refused);
  const bad = new Set(shown.flatMap((finding) => finding.fields));
  const changed = inputs.filter((input) => markCell(input, bad.has(input.dataset.field)));
  // The row says how many of its own cells changed.
  const changes = changed.filter((input) => row.contains(input)).length;
  name.classList.toggle("is-bad", bad.has("name"));

  row.querySelector("[data-total]").textContent = checked.total ?? "—";
  const delta = row.querySelector("[data-delta]");
  const difference = checked.total === null || lastTotal === null ? null : checked.total - lastTotal;
  delta.textContent = difference === null ? "—" : signed(difference);
  delta.classList.toggle("muted", !difference);

  const ofMore = ({ fields }) => fields.every(isMore);
  const [moreShown, rowShown] = [shown.filter(ofMore), shown.filter((finding) => !ofMore(finding))];
  showFindings(document.getElementById(`${row.id}-error`), rowShown);
  showFindings(document.getElementById(`${row.id}-more-error`), moreShown);
  const mustExplain = showExplanations(document.getElementById(`${row.id}-warn`), checked.warnings);
  const moreExplain = showExplanations(document.getElementById(`${row.id}-more-warn`), checked.warnings);
  more.querySelector("[data-more-name]").textContent = name.value.trim() || "新班";
  more.querySelector("[data-more-total]").textContent = checked.total ?? "—";
  const { attended } = checked.counts;
  const due = checked.total === null || daysOpen === null ? 0 : checked.total * daysOpen;
  more.querySelector("[data-rate]").textContent = attended === null || !due ? "—" : `${rate(attended, due)}%`;
  more.classList.toggle("row-error", moreShown.length > 0);
  more.classList.toggle("row-warn", checked.warnings.some(({ code }) => code === "attendance_low"));
  let state = lastTotal === null ? "new" : "same";
  if (rowShown.length) state = "error";
  else if (mustExplain.length) state = "explain";
  else if (checked.warnings.some(({ code }) => code !== "attendance_low")) state = "explained";
  else if (changes && lastTotal !== null) state = "changed";
  setState(row, state, changes);
  return { ...checked, inLast, shown, mustExplain: [...mustExplain, ...moreExplain] };
}

// One post: its numbers, and what is wrong with them. Flows that are still empty are said once
// somebody wanted to submit.
function checkPost(line) {
  const inputs = [...line.querySelectorAll("[data-part]")];
  const { label } = line.dataset;
  const read = Object.fromEntries(inputs.map((input) => {
    const [, after, most] = rules.staff[input.dataset.name];
    return [input.dataset.name, parseCount(input.value, after ? `${label}${after}人数` : label, most, rules)];
  }));
  const numbers = Object.fromEntries(Object.entries(read).map(([name, { value }]) => [name, value]));
  const bad = checkStaff({ post: line.dataset.staffRow, label, ...numbers }, rules);
  const isOpen = (input) => ["joined", "left"].includes(input.dataset.name) && normalise(input.value) === "" && !refused;
  const problems = [];
  let unfinished = bad.length > 0;
  for (const input of inputs) {
    const { problem } = read[input.dataset.name];
    unfinished ||= Boolean(problem);
    const shown = problem && !isOpen(input);
    if (shown) problems.push(problem);
    markCell(input, Boolean(shown) || bad.some(({ fields }) => fields.includes(input.dataset.name)));
  }
  problems.push(...bad.map(({ text }) => text));
  return { numbers, problems, unfinished, people: inputs[0] };
}

function updateStaff() {
  let wrong = 0;
  let people = 0;
  let teachers = null;
  let unfinished = false;
  for (const line of form.querySelectorAll("[data-staff-row]")) {
    const post = checkPost(line);
    const place = document.getElementById(`${post.people.id}-error`);
    place.hidden = !post.problems.length;
    place.textContent = post.problems.join("");
    place.closest("tr").hidden = place.hidden && !place.parentElement.querySelector(".asked");
    wrong += post.problems.length;
    unfinished ||= post.unfinished;
    const { people: now } = post.numbers;
    people = people === null || now === null ? null : people + now;
    if (line.dataset.staffRow === "full_time_teacher") teachers = now;
    const last = lastOf(post.people);
    const difference = now === null || last === null ? null : now - last;
    const delta = line.querySelector("[data-delta]");
    delta.textContent = difference === null ? "—" : signed(difference);
    delta.classList.toggle("muted", !difference);
  }
  setText("[data-staff-total]", people);
  return { wrong, people, teachers, unfinished };
}

const parseDays = () => parseCount(form.querySelector("#days_open").value, "开园天数", rules.max_days, rules);

// The days the kindergarten was open, or null; what is wrong with them stands below.
function updateDays() {
  const { value, problem } = parseDays();
  const shown = problem && (refused || normalise(form.querySelector("#days_open").value) !== "");
  form.querySelector("#days_open").classList.toggle("is-bad", Boolean(shown));
  const place = form.querySelector("[data-days-error]");
  place.hidden = !shown;
  place.textContent = shown ? problem : "";
  return value;
}

// Where what is wrong with a class is: in the head-counts, or in the table of attendance below.
function targetOf(result) {
  if (!result) return null;
  return result.checked.errors.every(({ fields }) => fields.every(isMore)) ? `${result.row.id}-more` : result.row.id;
}

function setText(selector, value) {
  for (const place of form.querySelectorAll(selector)) place.textContent = value ?? "—";
}

// The nursery class stands outside the rates, so it is not in the children total.
function updateTotals(results) {
  const counted = results.filter(({ row }) => row.dataset.grade !== "nursery");
  const unknown = counted.some(({ checked }) => checked.total === null);
  const total = unknown ? null : sum(counted.map(({ checked }) => checked.total));
  const last = lastOf(form.querySelector("[data-grand]"));
  setText("[data-grand-total]", total);
  setText("[data-grand-delta]", total === null || last === null ? null : signed(total - last));
  for (const field of ["boys", "girls", "age3", "age4", "age5", "age6", "entered", "departed", "moved_in", "moved_out"]) {
    const numbers = counted.map(({ checked }) => checked.counts[field]);
    setText(`[data-sum="${field}"]`, numbers.includes(null) ? null : sum(numbers));
  }
  for (const group of form.querySelectorAll("[data-group]")) {
    const mine = results.filter(({ row }) => row.dataset.grade === group.dataset.group);
    const known = mine.every(({ checked }) => checked.total !== null);
    group.querySelector("[data-subtotal]").textContent = known ? sum(mine.map(({ checked }) => checked.total)) : "—";
  }
}

function updateChecks(results, staff) {
  const wrong = results.filter(({ checked }) => checked.shown.length);
  const daysWrong = form.querySelector("[data-days-error]").hidden ? 0 : 1;
  const whole = results.map(({ row, checked }) => ({
    name: row.querySelector("[data-class-name]").value.trim(), grade: row.dataset.grade, ...checked,
  }));
  const findings = [
    ...checkStayed(whole, rules), ...checkDaysOpen(parseDays().value, rules), ...checkWhole(whole, rules),
    ...checkPeers(whole, staff.people, rules), ...checkStated(whole, staff.teachers, rules),
  ];
  const ofWhole = showExplanations(document.getElementById("whole"), findings);
  const open = [...results.flatMap(({ checked }) => checked.mustExplain), ...ofWhole, ...updateCharges(form, rules)];
  const problem = checkNumberOfClasses(results.length, rules) || checkMoves(whole, rules);
  const place = form.querySelector("[data-number-of-classes]");
  place.hidden = !problem;
  place.textContent = problem;
  const sections = openCells();
  if (refused) markOpen(rules);
  const wrongDays = updateDates(rules);
  const errors = wrong.length + staff.wrong + daysWrong + (problem ? 1 : 0) + wrongDays.length + (refused ? sections.length : 0);
  const same = unconfirmed();
  for (const box of form.querySelectorAll("[data-same]")) box.closest("label").classList.toggle("is-bad", refused && same.includes(box));
  const counts = { error: errors, explain: open.length, confirm: same.length, open, same };
  const targets = {
    error: problem ? "classes" : targetOf(wrong[0]) ?? (daysWrong ? "days_open" : staff.wrong ? "staff" : (wrongDays[0] ?? sections[0])?.id), explain: open[0]?.id, confirm: same[0]?.id,
  };
  for (const link of form.querySelectorAll("[data-checks]")) {
    const kind = link.dataset.checks;
    link.hidden = counts[kind] === 0;
    link.querySelector("b").textContent = counts[kind];
    if (targets[kind]) link.href = `#${targets[kind]}`;
  }
  const unfinished = staff.unfinished || sections.length || parseDays().problem || results.some(({ checked }) => checked.errors.length);
  form.querySelector("[data-all-right]").hidden = counts.error + counts.explain + counts.confirm > 0 || Boolean(unfinished);
  return counts;
}

function update() {
  const present = rows().filter((row) => !isRemoved(row));
  const names = present.map((row) => row.querySelector("[data-class-name]").value.trim());
  const claimed = present.map(wasOf).filter(Boolean);
  const daysOpen = updateDays();
  const results = present.map((row) => ({ row, checked: updateRow(row, names, claimed, daysOpen) }));
  const staff = updateStaff();
  updateTotals(results);
  form.querySelector("[data-fill-zero]").hidden = !emptyCells().length;
  return updateChecks(results, staff);
}

// ---- withdrawing a class can be taken back until the return is saved and reopened ----
function toggleRemoved(row) {
  const removed = row.classList.toggle("is-removed");
  for (const input of row.querySelectorAll("input")) input.disabled = removed;
  for (const input of moreOf(row).querySelectorAll("input")) input.disabled = removed;
  moreOf(row).hidden = removed;
  for (const part of ["warn", "more-warn"]) {
    for (const reason of document.querySelectorAll(`#${row.id}-${part} textarea`)) reason.disabled = removed;
  }
  if (removed) {
    for (const part of ["error", "warn", "more-error", "more-warn"]) {
      document.getElementById(`${row.id}-${part}`).hidden = true;
    }
    setState(row, "removed", 0);
  }
  row.querySelector("[data-remove-word]").textContent = removed ? "恢复" : "撤销";
}

// Who has none of something says so once for all empty cells; attendance is never filled in.
const emptyCells = () => [...form.querySelectorAll("[data-field]:not(:disabled), [data-part=staff]:not(:disabled)")]
  .filter((input) => input.value.trim() === "" && rules.zeros.includes(input.dataset.field ?? input.dataset.name));
function fillZeros() {
  for (const input of emptyCells()) input.value = "0";
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

form.classList.add("has-js");
const saver = startSaving(form);
let counts = update();

recover(form);

function changed() {
  form.querySelector("[data-submit-note]").hidden = true;
  counts = update();
  saver.touch();
}

form.addEventListener("input", changed);
takePaste(form, changed);
form.addEventListener("renewed", () => {
  counts = update();
});
form.addEventListener("change", (event) => {
  // Show the number as it will be read: full-width digits become plain ones on leaving the cell.
  if (event.target.matches(".cell-in")) event.target.value = normalise(event.target.value);
});
// Leaving a new class ends the patience with its empty cells.
form.addEventListener("focusout", (event) => {
  const row = event.target.closest("[data-row]");
  if (!row || row.contains(event.relatedTarget) || !document.hasFocus()) return;
  if (fresh.delete(row)) counts = update();
});
form.addEventListener("click", (event) => {
  const remove = event.target.closest("[data-remove]");
  if (remove) {
    event.preventDefault();
    toggleRemoved(remove.closest("[data-row]"));
    counts = update();
    saver.touch();
  }
  if (event.target.closest("[data-fill-zero]")) fillZeros();
  const use = event.target.closest("[data-use]");
  if (use) {
    const reason = use.closest("[data-finding]").querySelector("textarea");
    reason.value = use.dataset.use;
    reason.dispatchEvent(new Event("input", { bubbles: true }));
    reason.focus();
  }
  const open = event.target.closest("[data-open-row]");
  if (open) {
    const row = open.closest("[data-row]");
    row.classList.add("is-open");
    row.querySelector("[data-field]").focus();
  }
});

// Enter and the arrow keys move down and up a column, as in a spreadsheet; Enter never submits.
form.addEventListener("keydown", (event) => {
  // In a day, or a choice, Enter would submit as well.
  if (event.key === "Enter" && event.target.matches(".name-in, [data-part]:not(textarea)")) event.preventDefault();
  if (!event.target.matches(".cell-in") || !["Enter", "ArrowDown", "ArrowUp"].includes(event.key)) return;
  event.preventDefault();
  const field = event.target.dataset.field;
  const column = field
    ? [...form.querySelectorAll(`[data-field="${field}"]:not(:disabled)`)]
    : [...form.querySelectorAll(`[data-part="${event.target.dataset.part}"][data-name="${event.target.dataset.name}"]`)];
  const next = column[column.indexOf(event.target) + (event.key === "ArrowUp" ? -1 : 1)];
  next?.focus();
  next?.select();
});
form.addEventListener("focusin", (event) => {
  if (event.target.matches(".cell-in")) event.target.select();
});

form.addEventListener("submit", (event) => {
  // Cells that are switched off are not sent: the return would be saved as empty.
  if (form.querySelector("fieldset").disabled) {
    event.preventDefault();
    return;
  }
  const submits = event.submitter?.dataset.submits !== undefined;
  if (submits) {
    fresh.clear();
    refused = true;
    counts = update();
  }
  if (submits && counts.error + counts.explain + counts.confirm > 0) {
    event.preventDefault();
    const problem = form.querySelector("[data-number-of-classes]").textContent;
    const first = form.querySelector(".is-bad:not(label)") ?? counts.open[0] ?? counts.same[0];
    first?.closest("details")?.setAttribute("open", "");
    first?.scrollIntoView({ block: "center" });
    first?.focus({ preventScroll: true });
    const note = form.querySelector("[data-submit-note]");
    const sameOnly = counts.error + counts.explain === 0 && "没有提交。与上月完全相同的，请勾选确认；不对的，请改正";
    note.textContent = problem ? `没有提交。${problem}` : sameOnly || "没有提交，光标已移到第一处要处理的地方";
    note.hidden = false;
    return;
  }
  saver.beforeSubmit(event);
});

// After a workbook was uploaded the page stands at that address: loaded anew, it is the form.
if (form.dataset.saveUrl && location.pathname !== form.dataset.saveUrl) {
  history.replaceState(null, "", form.dataset.saveUrl);
}

// A class just added: the server names its first field in the address.
if (/^#class-\d+-name$/.test(location.hash)) document.getElementById(location.hash.slice(1))?.focus();
