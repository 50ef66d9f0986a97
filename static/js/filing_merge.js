// Another window saved the same return meanwhile, and the server has put both together: bring this
// page up to what was saved, without touching what was typed since it was sent.
const KEY = "return/merged";

function remember(text) {
  try {
    sessionStorage.setItem(KEY, text);
  } catch { /* without it the page is right all the same, only nothing is said */ }
}

function show(text) {
  const place = document.querySelector("[data-merged]");
  if (!place || !text) return;
  place.querySelector("[data-merged-text]").textContent = text;
  place.hidden = false;
}

// After a page that had to be loaded anew.
export function tellRemembered() {
  try {
    show(sessionStorage.getItem(KEY));
    sessionStorage.removeItem(KEY);
  } catch { /* as above */ }
}

export const fieldsOf = (form) => new Map(
  [...new FormData(form)].filter(([name, value]) => typeof value === "string"
    && name !== "csrfmiddlewaretoken" && name !== "revision" && !name.startsWith("pick-")),
);

// `page` is the form's page as the server shows it now, `sent` what this page had sent. Returns
// whether the page could be brought up to it; not where classes came or went, nor where a cell that
// came in was typed over meanwhile: the page then goes on from its old revision, and the next save asks.
export function takeOver(form, page, sent, text) {
  const fresh = page.querySelector("form[data-filing]");
  if (!fresh) return false;
  const saved = fieldsOf(fresh);
  const here = fieldsOf(form);
  // Rows are told by their numbers, so that every number has to mean the same class still.
  const same = saved.size === here.size && [...saved].every(([name, value]) => here.has(name)
    && (!/^class-\d+-(name|grade)$/.test(name) || sent.get(name) === value));
  if (!same) {
    remember(text);
    return false;
  }
  const isTypedOver = [...saved].some(([name, value]) => value !== sent.get(name)
    && here.get(name) !== sent.get(name) && here.get(name) !== value);
  if (isTypedOver) return false;
  for (const [name, value] of saved) {
    const input = form.elements[name];
    if (!(input instanceof Element) || input.value !== sent.get(name) || input.value === value) continue;
    input.value = value;
    input.classList.add("came-in");
  }
  form.elements.revision.value = fresh.elements.revision.value;
  form.dispatchEvent(new Event("renewed"));
  show(text);
  return true;
}
