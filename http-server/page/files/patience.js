// When to try again: after ever longer pauses, but at once when the network or the
// user comes back.

import { account } from './account.js';

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

/**
 * Calls until it succeeds; call gets the number of the attempt. told({name, reason}) learns
 * whether the service answers (live) or is waited for (waiting). Throws an error that
 * repetition cannot mend, and the signal's reason when it aborts.
 */
export async function insist(call, signal, told = () => {}) {
  const backoff = new Backoff();
  for (let attempt = 0; ; attempt++) {
    await connected(signal);
    try {
      const answer = await call(attempt);
      signal?.throwIfAborted();
      told({ name: 'live', reason: '' });
      return answer;
    } catch (error) {
      if (signal?.aborted || error.refused) throw error;
      told({ name: 'waiting', reason: error.signedOut ? '' : error.message });
      await nap(backoff.next(error.retryAfter), signal);
    }
  }
}

/** Waits while the browser knows that there is no network. */
export async function connected(signal) {
  while (!navigator.onLine) await nap(LONGEST, signal);
}

/**
 * Waits ms, or until the network, the user or a new token comes. Throws the signal's reason
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
    account.addEventListener('token', end, options);
    document.addEventListener('visibilitychange', () => document.hidden || end(), options);
  });
}
