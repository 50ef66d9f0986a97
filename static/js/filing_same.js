// One tick for a section that is as last month: it fills the section from last month, and goes as soon
// as anything there differs. The server checks again whenever the form is saved.
const { normalise } = globalThis.filingChecks;
const form = document.querySelector("form[data-filing]");
const boxes = [...form.querySelectorAll("[data-same]")];
const PARTS = ["disabled", "left_behind", "migrant", "aided"];
const cells = () => [...form.querySelectorAll(".cell-in[data-last]:not(:disabled)")];
const CELLS_OF = {
  classes: () => cells().filter(({ dataset }) => dataset.field && dataset.field !== "attended" && !PARTS.includes(dataset.field)),
  parts: () => cells().filter(({ dataset }) => PARTS.includes(dataset.field)),
};
const cellsOf = (section) => CELLS_OF[section]?.()
  ?? [...form.querySelectorAll(`[data-part="${section}"][data-last]:not(:disabled)`)];

// Cells that may be left empty may be empty in both months.
const isOpen = (input) => input.dataset.last === "" && input.dataset.optional === undefined;
// Numbers are compared as they are read, words as they stand.
const said = (input) => (input.matches(".cell-in") ? normalise(input.value) : input.value.trim());
const differs = (input) => isOpen(input) || said(input) !== input.dataset.last;
// Another set of classes than last month's: one was added, withdrawn or renamed.
const lastNames = JSON.parse(form.dataset.rules).last_classes.map(({ name }) => name).sort().join("\n");
const classesDiffer = () => [...form.querySelectorAll("[data-class-name]:not(:disabled)")]
  .map((input) => input.value.trim()).sort().join("\n") !== lastNames;

const isOther = ({ dataset: { same } }) => (same in CELLS_OF && classesDiffer()) || cellsOf(same).some(differs);

function untick() {
  for (const box of boxes) if (box.checked && isOther(box)) box.checked = false;
}

// The boxes of sections that are as last month and that nobody has ticked.
export const unconfirmed = () => boxes.filter((box) => !box.checked && !isOther(box));

for (const box of boxes) {
  box.addEventListener("change", () => {
    if (!box.checked) return;
    for (const input of cellsOf(box.dataset.same)) {
      if (!isOpen(input)) input.value = input.dataset.last;
    }
    untick();
    form.dispatchEvent(new Event("renewed"));
  });
}
form.addEventListener("input", (event) => {
  if (!event.target.matches("[data-same]")) untick();
});
// Pasting, filling with zeros, withdrawing a class: other listeners do that first.
for (const what of ["paste", "click"]) form.addEventListener(what, () => setTimeout(untick));
