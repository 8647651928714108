// The stream of what is new for a member. It begins with the list of chats, whose
// sync_cursor says where to go on, and then has one request open: the service holds it
// until there is something, in any chat.

import { chats, sync } from './api.js';
import { ApiError, OLD } from './call.js';
import { Caller } from './emitter.js';
import { learn, learnSenders } from './names.js';
import { insist, nap } from './patience.js';

const PAGE = 50; // chats in a page of the list
const PREVIEW = 400; // bytes of a text that the list shows
const BATCH = 200; // new messages at a time
const HOLD = 25_000; // ms that the service may hold a call; many proxies cut it off after 30 s
const HIDDEN = 30_000; // ms between calls while nobody sees the page
const EARLY = 1_000; // ms to wait after an empty answer that was not held: the server is about to stop

/**
 * What is new for me. Events:
 *   list      detail: a page of the list of chats, the newest; comes first, and again whenever the cursor was lost
 *   news      detail: {messages, reads}; senders are known to names.js
 *   state     detail: {name, reason}, where name is loading, live, waiting (for the server) or refused (for good)
 * The promise begun is kept when it has a list, or cannot have it yet.
 */
export class Stream extends Caller {
  #me;
  #stop = new AbortController();
  alert = false; // news is wanted at once even while the page is hidden

  constructor(me) {
    super();
    this.#me = me;
    this.begun = new Promise((resolve) => {
      this.addEventListener('list', resolve, { once: true });
      this.addEventListener('state', ({ detail: { name } }) => name === 'live' || resolve());
    });
  }

  /** Runs until it is closed or refused. */
  async run() {
    try {
      await this.#insist(() => learn([this.#me]));
      for (;;) await this.#follow(await this.#begin());
    } catch (error) {
      if (!this.#stop.signal.aborted) this.setState({ name: 'refused', reason: error.status === 404 ? OLD : error.message });
    }
  }

  close() {
    this.#stop.abort();
  }

  /** Returns a page of the list; without a cursor the newest. */
  async page(cursor) {
    const page = await chats({ member: this.#me, limit: PAGE, preview: PREVIEW, ...(cursor && { cursor }) }, this.#stop.signal);
    await learnSenders(page.chats.map((chat) => chat.last_message), this.#stop.signal);
    return page;
  }

  async #begin() {
    const page = await this.#insist(() => this.page());
    this.emit('list', page);
    if (page.sync_cursor === undefined) throw new ApiError(404, OLD);
    return page.sync_cursor;
  }

  /** Follows from a cursor on, until the service no longer takes the chain's cursor. */
  async #follow(cursor) {
    for (let first = true; ; first = false) {
      const resting = document.hidden && !this.alert;
      const begun = performance.now();
      let page;
      try {
        page = await this.#insist((attempt) => this.#sync(cursor, resting || attempt > 0 ? 0 : HOLD));
      } catch (error) {
        if (error.status === 400 && !first) return;
        throw error;
      }
      cursor = page.next_cursor;
      if (page.messages.length > 0 || page.reads.length > 0) {
        await this.#insist(() => learnSenders(page.messages));
        this.emit('news', page);
      } else if (resting) {
        await nap(HIDDEN, this.#stop.signal); // a browser has few connections: hold none
      } else if (performance.now() - begun < EARLY) {
        await nap(EARLY, this.#stop.signal);
      }
    }
  }

  // After a failure the answer must come at once, so that the user learns that it works again: then nothing is held.
  #sync(cursor, hold) {
    return sync({ member: this.#me, cursor, limit: BATCH, wait_ms: hold }, this.#stop.signal);
  }

  #insist(call) {
    return insist(call, this.#stop.signal, (state) => this.setState(state));
  }
}
