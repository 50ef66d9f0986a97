// A block copied from a spreadsheet, placed into the cells of the return. Pure functions: the page
// shows what they say, the tests run them without a browser.
globalThis.filingPaste = (() => {
  "use strict";
  const TOTALS = /^(合计|小计|总计|共计|汇总)/;
  const plain = (text) => globalThis.filingChecks.normalise(text);
  const isNumber = (text) => /^\d+$/.test(plain(text));
  const folded = (text) => String(text ?? "").normalize("NFKC").replace(/\s+/g, "");

  // Text as spreadsheets put it on the clipboard: tabs between cells, quotes around cells with breaks.
  function read(text) {
    const rows = [[]];
    let cell = "";
    let quoted = false;
    for (let at = 0; at < text.length; at += 1) {
      const letter = text[at];
      if (quoted) {
        if (letter !== '"') cell += letter;
        else if (text[at + 1] === '"') { cell += '"'; at += 1; } else quoted = false;
      } else if (letter === '"' && cell === "") quoted = true;
      else if (letter === "\t") { rows.at(-1).push(cell.trim()); cell = ""; }
      else if (letter === "\n") { rows.at(-1).push(cell.trim()); rows.push([]); cell = ""; }
      else if (letter !== "\r") cell += letter;
    }
    rows.at(-1).push(cell.trim());
    return rows;
  }

  const isBlock = (text) => /[\t\n]/.test(text.trim());

  // Where each cell of the block goes. `grid`: {names, columns: [{field, label}]} of the rows on the
  // page; `at`: {row, column} of the cell pasted into. Rows with names in front go to the rows of
  // these names, others downwards; columns under known heads go under these heads, others rightwards.
  // Returns {cells: [{row, field, text}], left: [what was not placed, in words]}.
  function place(text, grid, at) {
    const left = [];
    const heads = grid.columns.map((column) => folded(column.label));
    const names = grid.names.map(folded);
    // An empty cell names no class, not even one that has no name yet.
    const rowOf = (cell) => (folded(cell) ? names.indexOf(folded(cell)) : -1);
    let columns = null;
    const rows = [];
    for (const cells of read(text)) {
      if (cells.every((cell) => cell === "")) continue;
      const known = cells.map((cell) => heads.indexOf(folded(cell)));
      if (!cells.some(isNumber)) {
        if (known.some((index) => index >= 0)) columns = known;
        else if (rowOf(cells[0]) < 0) left.push(`“${cells.filter(Boolean)[0].slice(0, 12)}”一行没有数，当作标题`);
        continue;
      }
      if (TOTALS.test(folded(cells.find(Boolean)))) left.push("合计行，由系统算");
      else rows.push(cells);
    }
    const named = rows.some((cells) => rowOf(cells[0]) >= 0);
    const cells = [];
    let beyond = 0;
    rows.forEach((row, number) => {
      const target = named ? rowOf(row[0]) : at.row + number;
      if (target < 0) {
        left.push(row[0] ? `“${row[0].slice(0, 12)}”，页面上没有这个班` : `第${number + 1}行，没有班名`);
        return;
      }
      if (target >= names.length) {
        left.push(`第${number + 1}行，下面没有班了`);
        return;
      }
      row.forEach((cell, index) => {
        if (cell === "" || (named && index === 0)) return;
        const column = columns ? columns[index] ?? -1 : at.column + index - (named ? 1 : 0);
        if (column < 0) return;
        if (column >= grid.columns.length) beyond += 1;
        else cells.push({ row: target, field: grid.columns[column].field, text: plain(cell) });
      });
    });
    if (beyond) left.push(`右边多出的${beyond}格，没有对应的列`);
    return { cells, left };
  }

  return { read, isBlock, place };
})();
