// Hazards that have not reached the server yet, with their photos, kept on this device (ADR 45): for
// thirty days, so many of one post and so much of all posts together at most. No token and no password is among them.

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

const own = ({ post }) => post === document.body.dataset.post;
// How many were deleted for their age and nobody was told of, by post: said once, to whom it concerns.
const DELETED = "hazards-deleted";
const deleted = () => JSON.parse(localStorage.getItem(DELETED) ?? "{}");

export async function kept() {
  const all = await within("readonly", (store) => store.getAll());
  const oldest = Date.now() - DAYS * 24 * 60 * 60 * 1000;
  for (const entry of all.filter((one) => one.at < oldest)) {
    const counts = deleted();
    counts[entry.post] = (counts[entry.post] ?? 0) + 1;
    localStorage.setItem(DELETED, JSON.stringify(counts));
    await drop(entry.id);
  }
  return all.filter((one) => one.at >= oldest && own(one)).sort((one, other) => one.at - other.at);
}

// What to say of this post's entries that were deleted, the first time it is asked; "" after that.
export function tellDeleted() {
  const { [document.body.dataset.post]: count, ...others } = deleted();
  if (!count) return "";
  localStorage.setItem(DELETED, JSON.stringify(others));
  return `本机有${count}条隐患登记超过${DAYS}天没有发送，已删除。还要登记的，请重新登记。`;
}

// Returns whether there was room for it.
export async function keep(entry) {
  try {
    const others = (await within("readonly", (store) => store.getAll())).filter(({ id }) => id !== entry.id);
    const bytes = others.reduce((sum, one) => sum + weight(one), weight(entry));
    if (others.filter(own).length >= MOST || bytes > MOST_BYTES) return false;
    await within("readwrite", (store) => store.put(entry));
    return true;
  } catch {
    return false;
  }
}

export const drop = (id) => within("readwrite", (store) => store.delete(id));
