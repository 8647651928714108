// A feed follows a chat. It pulls the newest page, then again and again what comes after
// the last message known: the service holds a pull until there is something. It pulls
// earlier pages when somebody wants to see them.

import { pull } from './api.js';
import { Backoff, connected, nap } from './patience.js';

const PAGE = 40; // messages of history at a time
const BATCH = 200; // new messages at a time
const HOLD = 25_000; // ms that the service may hold a pull; many proxies cut it off after 30 s
const HIDDEN = 30_000; // ms between pulls while nobody sees the page
const EARLY = 1_000; // ms to wait after an empty answer that was not held: the server is about to stop

/**
 * A chat, as it is and as it goes on. Its events:
 *   newer  detail: messages to be added at the end, oldest first
 *   older  detail: messages to be added at the beginning, oldest first
 *   state  detail: { name, reason }, where name is
 *          loading, live, waiting (for the server) or refused (for good)
 */
export class Feed extends EventTarget {
  #chat;
  #stop = new AbortController();
  #olderCursor = null; // of the next page of history; null: there is none
  #readingOlder = false;
  state = { name: 'loading', reason: '' };

  constructor(chat) {
    super();
    this.#chat = chat;
  }

  /** Whether there is history that has not been read yet. */
  get hasOlder() {
    return this.#olderCursor !== null;
  }

  /** Reads the newest page, and follows the chat until it is closed or refused. */
  async run() {
    try {
      const page = await this.#insist(() => this.#pull({ reverse: true, limit: PAGE }));
      await this.#follow(this.#start(page));
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#setState('refused', error.message);
    }
  }

  close() {
    this.#stop.abort();
  }

  /** Reads one page of history, if there is more and it is not being read already. */
  async readOlder() {
    if (!this.hasOlder || this.#readingOlder) return;
    this.#readingOlder = true;
    try {
      const page = await this.#insist(() => this.#pull({ reverse: true, cursor: this.#olderCursor, limit: PAGE }));
      this.#olderCursor = page.has_more ? page.next_cursor : null;
      this.#emit('older', page.messages.reverse());
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#setState('refused', error.message);
    } finally {
      this.#readingOlder = false;
    }
  }

  /** Takes the newest page, and returns the cursor of what comes after it. */
  #start(page) {
    this.#olderCursor = page.has_more ? page.next_cursor : null;
    const messages = page.messages.reverse();
    this.#emit('newer', messages);
    return messages.length > 0 ? messages.at(-1).send_time + 1 : 0;
  }

  async #follow(cursor) {
    for (;;) {
      const { hidden } = document;
      const begun = performance.now();
      const page = await this.#insist((attempt) => this.#pull({
        // After a failure the answer must come at once, so that the user learns that it works again.
        cursor, limit: BATCH, wait_ms: hidden || attempt > 0 ? 0 : HOLD,
      }));
      cursor = page.next_cursor;
      if (page.messages.length > 0) {
        this.#emit('newer', page.messages);
      } else if (hidden) {
        await nap(HIDDEN, this.#stop.signal); // a browser has few connections: hold none
      } else if (performance.now() - begun < EARLY) {
        await nap(EARLY, this.#stop.signal);
      }
    }
  }

  #pull(params) {
    return pull({ chat: this.#chat, ...params }, this.#stop.signal);
  }

  /** Calls until it succeeds. Throws an error that repetition cannot mend. */
  async #insist(call) {
    const backoff = new Backoff();
    for (let attempt = 0; ; attempt++) {
      await connected(this.#stop.signal);
      try {
        const page = await call(attempt);
        this.#setState('live');
        return page;
      } catch (error) {
        if (this.#stop.signal.aborted || error.refused) throw error;
        this.#setState('waiting', error.message);
        await nap(backoff.next(error.retryAfter), this.#stop.signal);
      }
    }
  }

  #setState(name, reason = '') {
    if (name === this.state.name && reason === this.state.reason) return;
    this.state = { name, reason };
    this.#emit('state', this.state);
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
