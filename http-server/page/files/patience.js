// When to try again: after ever longer pauses, but at once when the network or the
// user comes back.

const SHORTEST = 500; // ms
const LONGEST = 20_000; // ms

/** Doubles the time between attempts that fail one after the other. */
export class Backoff {
  #failures = 0;

  /** Returns the ms until the next attempt, at least those that the service asks for. */
  next(retryAfter = 0) {
    const most = Math.min(LONGEST, SHORTEST * 2 ** this.#failures++);
    // Clients that failed together must not all come back together.
    return Math.max(most * (0.5 + Math.random() / 2), retryAfter * (1 + Math.random() / 4));
  }
}

/** Waits while the browser knows that there is no network. */
export async function connected(signal) {
  while (!navigator.onLine) await nap(LONGEST, signal);
}

/**
 * Waits ms, or until the network or the user comes back. Throws the signal's reason
 * when it aborts.
 */
export function nap(ms, signal) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const listening = new AbortController();
    const end = () => {
      clearTimeout(timer);
      listening.abort();
      if (signal?.aborted) reject(signal.reason);
      else resolve();
    };
    const timer = setTimeout(end, ms);
    const options = { signal: listening.signal };
    signal?.addEventListener('abort', end, options);
    window.addEventListener('online', end, options);
    document.addEventListener('visibilitychange', () => document.hidden || end(), options);
  });
}
