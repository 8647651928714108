// A feed is a window on a chat: the messages between two times, of which it keeps a
// bounded number. It pulls earlier and later pages when somebody wants to see them. Once
// it has reached the newest message it is live: the stream adds what comes.

import { pull } from './api.js';
import { Caller } from './emitter.js';
import { learnSenders } from './names.js';
import { insist } from './patience.js';

const PAGE = 40; // messages at a time
const BEFORE = 15; // messages before those that the feed is opened at
const MOST = 300; // messages in the window

/**
 * The messages of a chat. Its events:
 *   opened  detail: messages, oldest first, which take the place of all others
 *   older   detail: {messages, drop}, to be added at the beginning; drop are to leave the end
 *   newer   detail: {messages, drop}, to be added at the end; drop are to leave the beginning
 *   missed  detail: messages that are new, and not in the window
 *   state   detail: {name, reason}, where name is loading, live, waiting (for the server) or refused (for good)
 */
export class Feed extends Caller {
  #chat;
  #turn = new AbortController(); // ends with the next opening
  #times = []; // send_times in the window
  #older = null; // cursor of the page before the window; null: there is none
  #newer = null; // cursor of the page after it
  #meanwhile = null; // what the stream has brought while the end is being read
  #reading = new Set();
  #ready = false; // it has been opened
  following = true; // somebody looks at the end: the beginning may go

  constructor(chat) {
    super();
    this.#chat = chat;
  }

  get hasOlder() {
    return this.#older !== null;
  }

  /** Whether the window ends with the newest message. */
  get live() {
    return this.#ready && this.#newer === null;
  }

  /** The newest send_time in the window. */
  get newest() {
    return this.#times.at(-1) ?? 0;
  }

  /** Opens where the messages begin that are later than read, or at the end if all of these are near it. */
  open(read) {
    return this.#open(async (turn) => {
      const page = await this.#end(turn);
      const { messages } = page;
      if (!page.has_more || messages[0].send_time <= read) return page;
      return this.#around(read + 1, turn);
    });
  }

  /** Opens at the newest message. */
  openEnd() {
    return this.#open((turn) => this.#end(turn));
  }

  /** Opens at the first message at or after a time. */
  openAt(time) {
    return this.#open((turn) => this.#around(time, turn));
  }

  close() {
    this.#turn.abort();
  }

  /** Reads the page before the window, if there is one and it is not being read already. */
  readOlder() {
    if (this.#older === null) return;
    this.#once('older', async (turn) => {
      const cursor = this.#older;
      const page = await this.#pull({ reverse: true, cursor, limit: PAGE }, turn);
      if (cursor !== this.#older) return; // the beginning has gone meanwhile
      const messages = page.messages.reverse();
      this.#older = page.has_more ? page.next_cursor : null;
      this.#times.unshift(...messages.map((message) => message.send_time));
      const dropped = this.#times.splice(MOST);
      if (dropped.length > 0) this.#newer = dropped[0];
      this.emit('older', { messages, drop: dropped.length });
    });
  }

  /** Reads the page after the window likewise. */
  readNewer() {
    if (this.#newer === null) return;
    this.#once('newer', async (turn) => {
      const cursor = this.#newer;
      this.#meanwhile = [];
      const page = await this.#pull({ cursor, limit: PAGE }, turn);
      if (cursor !== this.#newer) return; // the end has gone meanwhile
      this.#newer = page.has_more ? page.next_cursor : null;
      this.#append(page.messages);
      this.#arrive();
    });
  }

  /** Takes messages that the stream has brought. */
  take(messages) {
    const own = messages.filter((message) => message.chat === this.#chat);
    if (own.length === 0) return;
    if (this.#meanwhile) this.#meanwhile.push(...own);
    if (!this.live) return this.emit('missed', own);
    const fresh = own.filter((message) => message.send_time > this.newest);
    if (fresh.length === 0) return;
    if (this.following || this.#times.length + fresh.length <= MOST) return this.#append(fresh);
    this.#newer = fresh[0].send_time; // what is being read must not go
    this.emit('missed', fresh);
  }

  async #open(read) {
    this.#turn.abort();
    this.#turn = new AbortController();
    this.#reading.clear();
    this.#ready = false;
    this.setState({ name: 'loading', reason: '' });
    await this.#once('open', async (turn) => {
      this.#meanwhile = [];
      const { messages, older, newer } = await read(turn);
      this.#times = messages.map((message) => message.send_time);
      [this.#older, this.#newer, this.#ready] = [older, newer, true];
      this.emit('opened', messages);
      this.#arrive();
    });
  }

  /** Adds what has come while the end was read, if that is where the window ends now. */
  #arrive() {
    const come = this.#meanwhile;
    this.#meanwhile = null;
    if (this.live) this.#append(come.filter((message) => message.send_time > this.newest));
  }

  #append(messages) {
    if (messages.length === 0 && this.#newer !== null) return;
    this.#times.push(...messages.map((message) => message.send_time));
    const dropped = this.#times.splice(0, Math.max(0, this.#times.length - MOST));
    if (dropped.length > 0) this.#older = dropped.at(-1);
    this.emit('newer', { messages, drop: dropped.length });
  }

  async #end(turn) {
    const page = await this.#pull({ reverse: true, limit: PAGE }, turn);
    return { messages: page.messages.reverse(), has_more: page.has_more, older: page.has_more ? page.next_cursor : null, newer: null };
  }

  async #around(time, turn) {
    const [before, after] = await Promise.all([
      this.#pull({ reverse: true, cursor: Math.max(1, time - 1), limit: BEFORE }, turn),
      this.#pull({ cursor: time, limit: PAGE }, turn),
    ]);
    return {
      messages: [...before.messages.reverse(), ...after.messages],
      older: before.has_more ? before.next_cursor : null,
      newer: after.has_more ? after.next_cursor : null,
    };
  }

  /** Reads something unless that is being done, and says so when it is refused. */
  async #once(what, read) {
    if (this.#reading.has(what)) return;
    const { signal } = this.#turn;
    this.#reading.add(what);
    try {
      await read(signal);
    } catch (error) {
      if (!signal.aborted) this.setState({ name: 'refused', reason: error.message });
    } finally {
      if (!signal.aborted) this.#reading.delete(what);
    }
  }

  #pull(params, turn) {
    return insist(async () => {
      const page = await pull({ chat: this.#chat, ...params }, turn);
      await learnSenders(page.messages, turn);
      return page;
    }, turn, (state) => this.setState(state));
  }
}
