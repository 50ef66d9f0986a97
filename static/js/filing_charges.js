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
  const { label: fee, unit, scheduled } = row.dataset;
  const values = { fee, unit, charged: plain(fen) };
  if (scheduled === "") return rules.has_schedule && fen > 0 ? { code: "charge_unlisted", values } : null;
  const published = Number(scheduled);
  if (published === fen) return null;
  return {
    code: "charge_differs",
    values: { ...values, scheduled: plain(published), more: fen > published ? "多" : "少", difference: plain(Math.abs(fen - published)) },
  };
}

// The reasons that are still to be given.
export function updateCharges(form, rules) {
  const open = [];
  for (const row of form.querySelectorAll("[data-charge]")) {
    const note = form.querySelector(`[data-charge-note="${row.dataset.rowCode}"]`);
    const [amount, payers] = ["amount", "payers"].map((name) => row.querySelector(`[data-name="${name}"]`));
    const finding = findingOf(row, amount, payers, rules);
    const block = note.querySelector("[data-finding]");
    const shown = finding?.code === block.dataset.finding;
    block.hidden = !shown;
    if (shown) {
      const [says, advice] = rules.says[finding.code];
      const fill = (text) => text.replace(/\{(\w+)\}/g, (_, name) => finding.values[name]);
      block.querySelector("[data-sentence]").textContent = fill(says);
      block.querySelector("[data-advice]").textContent = fill(advice);
      const reason = block.querySelector("textarea");
      if (reason.value.trim() === "") open.push(reason);
    }
    const moved = row.querySelector("[data-charge-moved]");
    if (moved) moved.hidden = fenOf(amount.value) === Number(row.dataset.scheduled);
    note.hidden = !shown && note.querySelector("[data-charge-error]").hidden && !note.querySelector(".asked");
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
