// 收费 while someone types: a charge that is not what the schedule says asks for its reason at once.
// What else is wrong with a row the server says when it is saved or submitted.
const { normalise } = globalThis.filingChecks;
const plain = (fen) => String(fen / 100);

// Yuan as typed, in hundredths; null where nothing is typed or it is no amount.
function fenOf(text) {
  const bare = text.trim().replace(/^[￥¥]+/, "").replace(/元$/, "");
  // Separators in the whole yuan only: 1,200.5.
  const [whole, ...rest] = normalise(bare).split(".");
  const yuan = [normalise(whole), ...rest].join(".");
  return /^\d+(\.\d{1,2})?$/.test(yuan) ? Math.round(Number(yuan) * 100) : null;
}

// What a row of one's own is called, only the server can look for in the schedule.
function findingOf(row, amount, payers, rules) {
  if (row.dataset.blank !== undefined) return null;
  const fen = fenOf(amount.value);
  if (fen === null || !/^[1-9]\d*$/.test(normalise(payers.value))) return null;
  const { label: fee, unit, scheduled, also } = row.dataset;
  const values = { fee, unit, charged: plain(fen) };
  if (scheduled === "") return rules.has_schedule && fen > 0 ? { code: "charge_unlisted", values } : null;
  const published = Number(scheduled);
  // New entrants may pay otherwise: what fits either is no difference.
  if (published === fen || also.split(" ").includes(String(fen))) return null;
  return {
    code: "charge_differs",
    values: { ...values, scheduled: plain(published), more: fen > published ? "多" : "少", difference: plain(Math.abs(fen - published)) },
  };
}

// Under a name that is banned, whether published or not: the server says which.
function bannedOf(row, amount, payers) {
  const { label: fee, unit, banned: word } = row.dataset;
  const fen = fenOf(amount.value);
  if (!word || !fen || !/^[1-9]\d*$/.test(normalise(payers.value))) return null;
  return { code: "charge_banned", values: { fee, unit, word, charged: plain(fen) } };
}

// Paid at once for months or terms that are not of this term.
function aheadOf(row, amount, payers, periods, rules) {
  const of = { month: "个月", term: "个学期" }[row.querySelector('[name$="-unit"]').value];
  if (!of || !periods || !fenOf(amount.value) || !/^[1-9]\d*$/.test(normalise(payers.value))) return null;
  const count = normalise(periods.value);
  const ahead = /^\d+$/.test(count) ? Number(count) - (of === "个月" ? rules.months_left : 1) : 0;
  return ahead > 0 ? { code: "charge_ahead", values: { fee: row.dataset.label, periods: Number(count), ahead, of } } : null;
}

function showFinding(block, finding, rules) {
  block.hidden = !finding;
  if (!finding) return false;
  const [says, advice] = rules.says[finding.code];
  const fill = (text) => text.replace(/\{(\w+)\}/g, (_, name) => finding.values[name]);
  block.querySelector("[data-sentence]").textContent = fill(says);
  block.querySelector("[data-advice]").textContent = fill(advice);
  return true;
}

// The reasons that are still to be given.
export function updateCharges(form, rules) {
  const open = [];
  for (const row of form.querySelectorAll("[data-charge]")) {
    const note = form.querySelector(`[data-charge-note="${row.dataset.rowCode}"]`);
    const [amount, payers, periods] = ["amount", "payers", "periods"].map((name) => row.querySelector(`[data-name="${name}"]`));
    const found = [findingOf(row, amount, payers, rules), bannedOf(row, amount, payers), aheadOf(row, amount, payers, periods, rules)];
    const shown = [...note.querySelectorAll("[data-finding]")].filter((block) =>
      showFinding(block, found.find((one) => one?.code === block.dataset.finding), rules));
    open.push(...shown.map((block) => block.querySelector("textarea")).filter((reason) => reason.value.trim() === ""));
    const moved = row.querySelector("[data-charge-moved]");
    if (moved) moved.hidden = [row.dataset.scheduled, ...row.dataset.also.split(" ")].includes(String(fenOf(amount.value)));
    note.hidden = !shown.length && note.querySelector("[data-charge-error]").hidden && !note.querySelector(".asked");
  }
  return open;
}

// The amount that the schedule has now, in the place of the one it had.
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-takes-amount]");
  if (!button) return;
  const amount = button.closest("[data-charge]").querySelector('[data-name="amount"]');
  amount.value = button.dataset.takesAmount;
  amount.dispatchEvent(new Event("input", { bubbles: true }));
  amount.focus();
});
