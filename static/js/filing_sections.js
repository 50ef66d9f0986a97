// The self-check and the incidents while somebody fills them in. The server checks again.
const form = document.querySelector("form[data-filing]");
const incidents = form.querySelector("[data-incidents]");
const none = incidents.querySelector("[data-none]");
const slots = [...incidents.querySelectorAll("[data-incident]")];
const add = incidents.querySelector("[data-add-incident]");
const inputsOf = (place) => [...place.querySelectorAll("input, select, textarea")];
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
  add.hidden = none.checked || slots.every((slot) => opened.has(slot));
}

add.addEventListener("click", () => {
  const slot = slots.find((one) => !opened.has(one));
  opened.add(slot);
  showSlots();
  inputsOf(slot)[0].focus();
});

// The first cell that is still to be filled in, and how many there are.
export function openCells() {
  const open = [...form.querySelectorAll("[data-safety-row]:not(.is-removed)")].flatMap((row) => {
    const [answer, account, day] = ["answer", "account", "repair_by"]
      .map((name) => row.querySelector(`[data-name=${name}]`));
    if (!answer.value) return [answer];
    return answer.value === "no" ? [account, day].filter((input) => !input.value.trim()) : [];
  });
  const filled = slots.filter((slot) => !isBlank(slot));
  if (filled.length ? none.checked : !none.checked) open.push(none);
  return [...open, ...filled.flatMap((slot) => inputsOf(slot).filter((input) => !input.value.trim()))];
}

export function markOpen() {
  const open = new Set(openCells());
  for (const input of form.querySelectorAll("[data-safety-row] [data-part], [data-incident] [data-part], [data-none]")) {
    input.classList.toggle("is-bad", open.has(input));
  }
}

const show = () => { showNo(); showSlots(); };
form.addEventListener("input", show);
form.addEventListener("renewed", show);
show();
