// Hazards that have not reached the server yet, with their photos, kept on this device (ADR 45): for
// one post, for thirty days, so many and so much at most. No token and no password is among them.

const DATABASE = "hazards";
const STORE = "entries";
const DAYS = 30;
const MOST = 20;
const MOST_BYTES = 40 * 1024 * 1024;

const asPromise = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

async function within(mode, act) {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: "id" });
  const database = await asPromise(opening);
  try {
    const transaction = database.transaction(STORE, mode);
    const done = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
    const result = await asPromise(act(transaction.objectStore(STORE)));
    await done;
    return result;
  } finally {
    database.close();
  }
}

// Entries are {id, post, at, title, fields: [[name, value]], files: [{field, name, blob}], errors}:
// `errors` is what the server refused it for, by the field's label.
const weight = (entry) => entry.files.reduce((sum, file) => sum + file.blob.size, 0);

export async function kept() {
  const all = await within("readonly", (store) => store.getAll());
  const oldest = Date.now() - DAYS * 24 * 60 * 60 * 1000;
  for (const entry of all.filter((one) => one.at < oldest)) await drop(entry.id);
  return all.filter((one) => one.at >= oldest && one.post === document.body.dataset.post)
    .sort((one, other) => one.at - other.at);
}

// Returns whether there was room for it.
export async function keep(entry) {
  try {
    const others = (await within("readonly", (store) => store.getAll())).filter(({ id }) => id !== entry.id);
    const bytes = others.reduce((sum, one) => sum + weight(one), weight(entry));
    if (others.length >= MOST || bytes > MOST_BYTES) return false;
    await within("readwrite", (store) => store.put(entry));
    return true;
  } catch {
    return false;
  }
}

export const drop = (id) => within("readwrite", (store) => store.delete(id));
