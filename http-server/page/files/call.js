// One call of the service. A call that fails throws an ApiError, which says what may be
// done about it. A call that its caller aborted throws the signal's reason.

import { account } from './account.js';

/** The service, wherever a proxy has put it: beside the directory of this file. */
const API = new URL('../api/', import.meta.url);

/** How long an answer may take beyond the time that it may be held, in ms. */
const PATIENCE = 15_000;

/** Statuses after which the same call may succeed; 0: there was no answer. */
const PASSING = new Set([0, 401, 408, 425, 429, 502, 503, 504]);

/** Why a server that begins to ask who calls is of no use to a page that was open before. */
const ASKS = 'This server now asks who you are. Reload the page to sign in.';

/** Why nothing is called after a token has ended. */
const ENDED = 'Your sign-in has ended.';

/** Why a server that lacks a path of the API is of no use. */
export const OLD = 'This server is of an earlier version, which this page cannot follow: it has no /api/sync. Update the server, or reload the page.';

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

  /** Whether it takes a sign-in: the banner says so. */
  get signedOut() {
    return this.status === 401 && account.asked;
  }

  /** Whether the call itself is wrong. */
  get refused() {
    return this.status >= 400 && this.status < 500 && !this.passing;
  }
}

/** Returns the content of a file of the service, in JSON. */
export function file(name) {
  return call(`../${name}`, PATIENCE);
}

/** Asks for something; params are those of the query. */
export function get(name, params, signal) {
  return call(`${name}?${new URLSearchParams(params)}`, PATIENCE + (params.wait_ms ?? 0), signal);
}

/** Changes something; however often a key is repeated, it is changed once. */
export function post(name, body, signal, key) {
  const headers = { 'Content-Type': 'application/json', ...(key && { 'Idempotency-Key': key }) };
  return call(name, PATIENCE, signal, { method: 'POST', headers, body: JSON.stringify(body) });
}

/** Returns a key that nobody else has. (randomUUID is missing on pages without TLS.) */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function call(path, timeout, signal, options = {}) {
  const { token } = account;
  if (account.asked && !token) throw new ApiError(401, ENDED);
  const headers = { ...options.headers, ...(token && { Authorization: `Bearer ${token}` }) };
  const limit = AbortSignal.timeout(timeout);
  const either = signal ? AbortSignal.any([signal, limit]) : limit;
  let response;
  let body;
  try {
    response = await fetch(new URL(path, API), { ...options, headers, signal: either, cache: 'no-store' });
    body = await response.text();
  } catch {
    signal?.throwIfAborted();
    throw new ApiError(0, limit.aborted ? 'The server does not answer.' : 'The server cannot be reached.');
  }
  if (!response.ok) {
    if (response.status === 401 && token) account.refused(token, reason(401, body));
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
  if (status === 401 && !account.asked) return ASKS;
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
