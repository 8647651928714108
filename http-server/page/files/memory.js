// What the browser keeps for the page. If it keeps nothing (in some private windows,
// or when its store is full), the page works on without it.

const PREFIX = 'im.';

/** Returns the value of a key, or fallback. */
export function recall(key, fallback) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + key)) ?? fallback;
  } catch {
    return fallback;
  }
}

/** Keeps a value; undefined forgets the key. */
export function remember(key, value) {
  try {
    if (value === undefined) localStorage.removeItem(PREFIX + key);
    else localStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // The page still has the value, until it is closed.
  }
}

/** Returns the values of all keys that begin with prefix. */
export function recallAll(prefix) {
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(PREFIX + prefix))
      .map((key) => recall(key.slice(PREFIX.length)))
      .filter((value) => value !== undefined);
  } catch {
    return [];
  }
}
