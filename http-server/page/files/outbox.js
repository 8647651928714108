// Messages on their way to the service. Each has an Idempotency-Key from its
// beginning, so that it may be sent again after any failure, even one that does not
// tell whether it was stored, and after a reload of the page.

import { send } from './api.js';
import { chatOf, keyOf } from './names.js';
import { recallAll, remember } from './memory.js';
import { Backoff, connected, nap } from './patience.js';

/**
 * The unsent messages of all chats. An entry is {key, me, peer, text, time, state,
 * reason}, where time is when it was written (ms), and state
 *   waiting  to be sent, or to be sent again
 *   sending  now
 *   refused  for good, unless somebody says otherwise
 * Events:
 *   change  detail: the entry that is new, or has another state
 *   sent    detail: {entry, sendTime}
 *   gone    detail: the entry that was discarded
 */
export class Outbox extends EventTarget {
  #entries = recallAll('unsent.').sort((a, b) => a.time - b.time);
  #naps = new Map(); // lane → what wakes it; a lane is what a member has to say in a chat

  constructor() {
    super();
    for (const entry of this.#entries) {
      if (entry.state === 'sending') entry.state = 'waiting';
    }
    for (const lane of new Set(this.#entries.map(laneOf))) this.#run(lane);
  }

  /** Takes a message of me to peer. */
  add(me, peer, text) {
    const entry = { key: newKey(), me, peer, text, time: Date.now(), state: 'waiting', reason: '' };
    this.#entries.push(entry);
    this.#set(entry, 'waiting');
    this.#run(laneOf(entry));
    return entry;
  }

  /** Returns what me has not sent to peer yet, oldest first. */
  of(me, peer) {
    return this.#entries.filter((entry) => laneOf(entry) === keyOf(me, peer));
  }

  /** Sends an entry now, whatever has happened to it. */
  retry(entry) {
    if (entry.state === 'refused') this.#set(entry, 'waiting');
    this.#naps.get(laneOf(entry))?.abort();
    this.#run(laneOf(entry));
  }

  /** Forgets an entry. */
  discard(entry) {
    this.#forget(entry);
    this.#emit('gone', entry);
  }

  /** Sends the entries of a lane one after the other, so that they keep their order. */
  async #run(lane) {
    if (this.#naps.has(lane)) return;
    this.#naps.set(lane, new AbortController());
    const backoff = new Map(); // entry → its Backoff
    for (let entry; (entry = this.#next(lane)); ) {
      if (!navigator.onLine) this.#set(entry, 'waiting', 'There is no network.');
      await connected();
      this.#set(entry, 'sending');
      try {
        const { send_time: sendTime } = await send({ chat: chatOf(entry.me, entry.peer), sender: entry.me, ...entry });
        this.#forget(entry);
        this.#emit('sent', { entry, sendTime });
      } catch (error) {
        this.#set(entry, error.passing ? 'waiting' : 'refused', error.message);
        if (!backoff.has(entry)) backoff.set(entry, new Backoff());
        if (error.passing) await this.#nap(lane, backoff.get(entry).next(error.retryAfter));
      }
    }
    this.#naps.delete(lane);
  }

  /** Waits until a lane shall go on; retry() ends it. */
  async #nap(lane, ms) {
    const waking = new AbortController();
    this.#naps.set(lane, waking);
    await nap(ms, waking.signal).catch(() => {}); // woken
  }

  #next(lane) {
    return this.#entries.find((entry) => laneOf(entry) === lane && entry.state === 'waiting');
  }

  #set(entry, state, reason = '') {
    Object.assign(entry, { state, reason });
    if (!this.#entries.includes(entry)) return; // discarded meanwhile
    remember(`unsent.${entry.key}`, entry); // each its own, as other tabs have theirs
    this.#emit('change', entry);
  }

  #forget(entry) {
    this.#entries = this.#entries.filter((other) => other !== entry);
    remember(`unsent.${entry.key}`, undefined);
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

function laneOf(entry) {
  return keyOf(entry.me, entry.peer);
}

/** A key that nobody else has. (randomUUID is missing on pages without TLS.) */
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
