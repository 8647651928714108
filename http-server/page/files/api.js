// Calls of the service's API. A call that fails throws an ApiError, which says what may
// be done about it. A call that its caller aborted throws the signal's reason.

/** How long an answer may take beyond the time that it may be held, in ms. */
const PATIENCE = 15_000;

/** Statuses after which the same call may succeed; 0: there was no answer. */
const PASSING = new Set([0, 408, 425, 429, 502, 503, 504]);

export class ApiError extends Error {
  /** retryAfter: how long the service wants to be left alone, in ms. */
  constructor(status, message, retryAfter = 0) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }

  /** Whether the same call may succeed later. */
  get passing() {
    return PASSING.has(this.status);
  }

  /** Whether the call itself is wrong. */
  get refused() {
    return this.status >= 400 && this.status < 500 && !this.passing;
  }
}

/**
 * Sends a message, and returns {chat, send_time} when it is stored. However often
 * a key is repeated, one message is stored.
 */
export function send({ chat, sender, text, key }, signal) {
  return call('/api/send', PATIENCE, signal, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
    body: JSON.stringify({ chat, sender, text }),
  });
}

/** Returns a page {messages, has_more, next_cursor}; params are the API's own. */
export function pull(params, signal) {
  return call(`/api/pull?${new URLSearchParams(params)}`, PATIENCE + (params.wait_ms ?? 0), signal);
}

/** Returns a page {chats, has_more, next_cursor} of a member's chats, newest first. */
export function chats(params, signal) {
  return call(`/api/chats?${new URLSearchParams(params)}`, PATIENCE, signal);
}

async function call(path, timeout, signal, options = {}) {
  const limit = AbortSignal.timeout(timeout);
  const either = signal ? AbortSignal.any([signal, limit]) : limit;
  let response;
  let body;
  try {
    response = await fetch(path, { ...options, signal: either, cache: 'no-store' });
    body = await response.text();
  } catch {
    signal?.throwIfAborted();
    throw new ApiError(0, limit.aborted ? 'The server does not answer.' : 'The server cannot be reached.');
  }
  if (!response.ok) {
    throw new ApiError(response.status, reason(response.status, body), retryAfter(response));
  }
  try {
    return JSON.parse(body);
  } catch { // some network's sign-in page, most likely
    throw new ApiError(502, 'The answer did not come from the server.');
  }
}

/** The service's own words, or the status if the answer is a proxy's. */
function reason(status, body) {
  try {
    return sentence(JSON.parse(body).error.message);
  } catch {
    return `The server answered with status ${status}.`;
  }
}

function sentence(text) {
  return `${text[0].toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}

/** Retry-After in ms: seconds or a date (RFC 9110, section 10.2.3). */
function retryAfter(response) {
  const value = response.headers.get('Retry-After');
  if (!value) return 0;
  const ms = /^\d+$/.test(value) ? value * 1000 : Date.parse(value) - Date.now();
  return Math.max(0, ms || 0);
}
