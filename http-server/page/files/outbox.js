// Messages on their way to the service. Each gets an Idempotency-Key when it is written.
// So it may be sent again after any failure, even one that does not tell whether it was
// stored, and after a reload of the page.

import { send } from './api.js';
import { newKey } from './call.js';
import { Emitter } from './emitter.js';
import { keyOf } from './names.js';
import { remember } from './memory.js';
import { Backoff, connected, nap } from './patience.js';
import { unsent } from './unsent.js';

/**
 * The unsent messages of all chats. An entry is {key, queue, chat, sender, text, time, state,
 * reason}, where queue is what a member has to say in a chat (keyOf), sender the member's
 * name as written, time when the text was written (ms), and state
 *   waiting  to be sent, or to be sent again
 *   sending  now
 *   refused  for good, unless the user tries again
 * Events:
 *   change  detail: the entry that is new, or has another state
 *   sent    detail: {entry, sendTime}
 *   gone    detail: the entry that was discarded
 */
export class Outbox extends Emitter {
  #entries = [];
  #naps = new Map(); // queue → what wakes it

  /** me: whose messages are sent; '' for everybody's, where nobody is asked who calls. */
  constructor(me) {
    super();
    unsent(me, (entry) => {
      this.#entries.push(entry);
      this.#set(entry, entry.state, entry.reason);
      this.#run(entry.queue);
    });
  }

  /** Whether nothing is to be sent. */
  get isEmpty() {
    return this.#entries.length === 0;
  }

  /** Takes a message of a member with the canonical name id. */
  add({ chat, id, sender, text }) {
    const entry = { key: newKey(), queue: keyOf(id, chat), chat, sender, text, time: Date.now(), state: 'waiting', reason: '' };
    this.#entries.push(entry);
    this.#set(entry, 'waiting');
    this.#run(entry.queue);
    return entry;
  }

  /** Returns what is in a queue, oldest first. */
  of(queue) {
    return this.#entries.filter((entry) => entry.queue === queue);
  }

  /** Sends an entry now, even one that was refused. */
  retry(entry) {
    if (entry.state === 'refused') this.#set(entry, 'waiting');
    this.#naps.get(entry.queue)?.abort();
    this.#run(entry.queue);
  }

  /** Forgets an entry. */
  discard(entry) {
    this.#forget(entry);
    this.emit('gone', entry);
  }

  /** Sends the entries of a queue one after the other, so that they keep their order. */
  async #run(queue) {
    if (this.#naps.has(queue)) return;
    this.#naps.set(queue, new AbortController());
    const backoff = new Map(); // entry → its Backoff
    for (let entry; (entry = this.#next(queue)); ) {
      if (!navigator.onLine) this.#set(entry, 'waiting', 'There is no network.');
      await connected();
      this.#set(entry, 'sending');
      try {
        const { send_time: sendTime } = await send(entry);
        this.#forget(entry);
        this.emit('sent', { entry, sendTime });
      } catch (error) {
        this.#set(entry, error.passing ? 'waiting' : 'refused', error.signedOut ? '' : error.message);
        if (!backoff.has(entry)) backoff.set(entry, new Backoff());
        if (error.passing) await this.#nap(queue, backoff.get(entry).next(error.retryAfter));
      }
    }
    this.#naps.delete(queue);
  }

  /** Waits before a queue goes on. retry() ends the wait. */
  async #nap(queue, ms) {
    const waking = new AbortController();
    this.#naps.set(queue, waking);
    await nap(ms, waking.signal).catch(() => {}); // woken
  }

  #next(queue) {
    return this.#entries.find((entry) => entry.queue === queue && entry.state === 'waiting');
  }

  #set(entry, state, reason = '') {
    Object.assign(entry, { state, reason });
    if (!this.#entries.includes(entry)) return; // discarded meanwhile
    remember(`unsent.${entry.key}`, entry); // each under a key of its own: other tabs keep theirs as well
    this.emit('change', entry);
  }

  #forget(entry) {
    this.#entries = this.#entries.filter((other) => other !== entry);
    remember(`unsent.${entry.key}`, undefined);
  }
}
