// Pasting a block from a spreadsheet into the cells of the return, with what was left out in words,
// and taking it back in one go.

const { isBlock, place } = globalThis.filingPaste;

const { staff: STAFF } = JSON.parse(document.querySelector("form[data-filing]").dataset.rules);
const TABLES = [
  {
    rows: "[data-row]:not(.is-removed)",
    cells: "[data-row] [data-field]",
    name: (row) => row.querySelector("[data-class-name]").value,
    label: (input) => input.closest("[data-l]").dataset.l,
    field: (input) => input.dataset.field,
  },
  {
    rows: "[data-more]:not([hidden])",
    cells: "[data-more] [data-field]",
    name: (row) => row.querySelector("[data-more-name]").textContent,
    label: (input) => input.closest("[data-l]").dataset.l,
    field: (input) => input.dataset.field,
  },
  {
    rows: "[data-staff-row]",
    cells: "[data-staff-row] [data-part]",
    name: (row) => row.dataset.label,
    label: (input) => STAFF[input.dataset.name][0],
    field: (input) => input.dataset.name,
  },
];

export function takePaste(form, changed) {
  const note = form.querySelector("[data-paste-note]");
  let before = [];

  form.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text/plain");
    const table = TABLES.find(({ cells }) => event.target.matches(`${cells}, [data-class-name]`));
    if (!table || !isBlock(text)) return;
    event.preventDefault();
    const rows = [...form.querySelectorAll(table.rows)];
    const inputs = rows.map((row) => [...row.querySelectorAll(table.cells)]);
    const widest = inputs.reduce((most, own) => (own.length > most.length ? own : most), []);
    const columns = widest.map((input) => ({ field: table.field(input), label: table.label(input) }));
    const row = rows.findIndex((one) => one.contains(event.target));
    const column = Math.max(0, inputs[row].indexOf(event.target));
    const found = place(text, { names: rows.map(table.name), columns }, { row, column });
    before = [];
    for (const cell of found.cells) {
      const input = inputs[cell.row].find((one) => table.field(one) === cell.field);
      if (!input) {
        found.left.push(`${table.name(rows[cell.row])}没有“${columns.find(({ field }) => field === cell.field).label}”这一格`);
        continue;
      }
      before.push([input, input.value]);
      input.value = cell.text;
    }
    show(found.left);
    changed();
  });

  note.querySelector("[data-undo-paste]").addEventListener("click", () => {
    for (const [input, value] of before) input.value = value;
    before = [];
    note.hidden = true;
    changed();
  });

  function show(left) {
    const words = [...new Set(left)];
    note.querySelector("[data-pasted]").textContent = `已粘贴${before.length}格。`
      + (words.length ? `没有粘贴：${words.slice(0, 5).join("；")}${words.length > 5 ? `等${words.length}处` : ""}。` : "");
    note.querySelector("[data-undo-paste]").hidden = !before.length;
    note.hidden = false;
  }
}
