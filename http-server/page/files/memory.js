// What the browser keeps for the page. If it keeps nothing (in some private windows,
// or when its store is full), the page works on without it. A value that is not of the
// page, or not whole, counts as none.

const PREFIX = 'im.';

const unkept = new Set(); // keys whose values the browser has not taken

/** Whether the browser has kept all that it was given. */
export function keepsAll() {
  return unkept.size === 0;
}

/** Returns the value of a key, or fallback if there is none of fallback's type. */
export function recall(key, fallback) {
  const value = valueOf(key);
  return typeof value === typeof fallback ? value : fallback;
}

/** Keeps a value; undefined forgets the key. */
export function remember(key, value) {
  try {
    if (value === undefined) localStorage.removeItem(PREFIX + key);
    else localStorage.setItem(PREFIX + key, JSON.stringify(value));
    unkept.delete(key);
  } catch {
    if (value === undefined) unkept.delete(key);
    else unkept.add(key); // the page still has the value, until it is closed
  }
}

/** Returns [rest of the key, value] of all keys that begin with prefix. */
export function recallAll(prefix) {
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(PREFIX + prefix))
      .map((key) => [key.slice(PREFIX.length + prefix.length), valueOf(key.slice(PREFIX.length))])
      .filter(([, value]) => value !== null);
  } catch {
    return [];
  }
}

function valueOf(key) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + key));
  } catch {
    return null;
  }
}
