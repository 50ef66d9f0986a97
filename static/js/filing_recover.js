// On opening the form: copies on this device that never reached the server are brought in first, the
// oldest first, each with a fresh page. Where the return was saved elsewhere meanwhile, the person
// chooses; nothing is typed over before that.
import { beginAnew, deviceCopy, entriesOf, goOnAs, whenKept } from "./filing_device.js";
import { PATIENCE } from "./filing_save.js";

const AGAIN = 5000;
// Answers that are neither yes nor no; without a network it is tried for ever.
const MOST_REFUSALS = 3;
const BROUGHT_IN = "return-brought-in";

// What came in is said on the page that is loaded next; without storage it came in all the same.
function takeBroughtIn() {
  try {
    const copies = JSON.parse(sessionStorage.getItem(BROUGHT_IN)) ?? [];
    sessionStorage.removeItem(BROUGHT_IN);
    return copies;
  } catch {
    return [];
  }
}

function rememberBroughtIn(copies) {
  try {
    sessionStorage.setItem(BROUGHT_IN, JSON.stringify(copies));
  } catch { /* as above */ }
}

const part = (name) => document.querySelector(`[data-device-part="${name}"]`);

function say(name, ...copies) {
  const place = part(name);
  place.querySelector("[data-kept-at]").textContent = copies.map(whenKept).join("、");
  place.hidden = false;
  return place;
}

// Both ways: a class that was withdrawn on the device is missing in its copy.
const isSame = (copy, form) => {
  const plain = (entries) => JSON.stringify(
    entries.filter(([name]) => name !== "revision" && !name.startsWith("pick-")).sort(),
  );
  return plain(copy.entries) === plain(entriesOf(form));
};

// Resolves once the form may be typed into; never, when the page is about to be loaded again.
export async function recover(form) {
  const device = deviceCopy(form);
  const before = takeBroughtIn();
  if (before.length) say("brought-in", ...before);
  // The page itself holds what could not be saved: until it is, that is what the device keeps.
  if (form.hasAttribute("data-unsaved")) {
    device.put();
    return;
  }
  beginAnew();
  const fields = form.querySelector("fieldset");
  for (const copy of device.all()) {
    if (isSame(copy, form)) {
      device.drop(copy);
      continue;
    }
    fields.disabled = true;
    say("bringing-in", copy);
    const answer = await bringIn(form, copy);
    part("bringing-in").hidden = true;
    if (answer.ok) {
      device.drop(copy);
      rememberBroughtIn([...before, { at: copy.at }]);
      location.reload();
      await new Promise(() => {});
    }
    await choose(form, device, copy);
    fields.disabled = false;
  }
}

async function bringIn(form, copy) {
  for (let refusals = 0; ;) {
    try {
      const response = await fetch(form.dataset.saveUrl, {
        method: "POST",
        signal: AbortSignal.timeout?.(PATIENCE),
        body: new URLSearchParams([...copy.entries, tokenOf(form)]),
        headers: { Accept: "application/json", "X-Requested-With": "fetch" },
        redirect: "manual",
      });
      if (response.ok || response.status === 409 || response.status === 400) return response;
      refusals += 1;
      if (refusals === MOST_REFUSALS) return response;
    } catch {
      // Without a network it is tried again; the copy stays where it is.
    }
    await new Promise((done) => { setTimeout(done, AGAIN); });
  }
}

const tokenOf = (form) => ["csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value];

// Compare sends the copy as the form would: the server then shows both, cell by cell.
function choose(form, device, copy) {
  const place = say("choose", copy);
  const chosen = new AbortController();
  return new Promise((done) => {
    place.querySelector("[data-compare]").addEventListener("click", () => {
      const sent = document.createElement("form");
      sent.method = "post";
      sent.action = form.dataset.saveUrl;
      sent.hidden = true;
      for (const [name, value] of [...copy.entries, tokenOf(form), ["action", "save"]]) {
        const field = document.createElement("input");
        field.type = "hidden";
        field.name = name;
        field.value = value;
        sent.append(field);
      }
      document.body.append(sent);
      goOnAs(copy);
      sent.submit();
    }, { signal: chosen.signal });
    place.querySelector("[data-discard]").addEventListener("click", () => {
      device.drop(copy);
      place.hidden = true;
      chosen.abort();
      done();
    }, { signal: chosen.signal });
  });
}
