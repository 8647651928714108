// The chats of a member: those that the service lists, and those that this browser
// knows. The service may have no list, or no message of a chat yet.

import { chats } from './api.js';
import { fold, isMine, peerIn } from './names.js';
import { recall, remember } from './memory.js';
import { Backoff, connected, nap } from './patience.js';

const PAGE = 50;
const INTERVAL = 10_000; // ms between two reads of the list
const MOST = 200; // chats that the browser remembers

/**
 * The chats of me. A chat is {peer, text, mine, time, read}: the other's name, the
 * last message with its send_time (µs; 0: none yet), and the send_time up to which it
 * was read. Events:
 *   change   the list has changed
 *   problem  detail: why the service gives no list; '' if it does
 */
export class Chats extends EventTarget {
  #me;
  #key;
  #byPeer; // canonical name → chat
  #cursor = ''; // of the next page of older chats; '': there is none
  #deepest = false; // an older page was read: the first page's cursor no longer counts
  #stop = new AbortController();
  asked = false; // the service has been asked for its list

  constructor(me) {
    super();
    this.#me = me;
    this.#key = `chats.${fold(me)}`;
    this.#byPeer = new Map(Object.entries(recall(this.#key, {})));
  }

  /** All chats that are known, newest first. */
  get all() {
    return [...this.#byPeer.values()].sort((a, b) => b.time - a.time || a.peer.localeCompare(b.peer));
  }

  get hasMore() {
    return this.#cursor !== '';
  }

  /** Notes that there is a chat with peer, and messages of it; read: somebody is looking at them. */
  note(peer, messages, read) {
    const chat = this.#chat(fold(peer), peer);
    chat.peer = peer;
    for (const message of messages) {
      this.#take(chat, message, isMine(message, this.#me, chat.peer));
      if (read) chat.read = Math.max(chat.read, message.send_time);
    }
    this.#changed();
  }

  /** Notes that somebody has seen the newest message of a chat. */
  read(peer) {
    const chat = this.#chat(fold(peer), peer);
    chat.read = chat.time;
    this.#changed();
  }

  /** Reads the service's list again and again, until it is closed. */
  async run() {
    let backoff = new Backoff();
    for (;;) {
      try {
        await connected(this.#stop.signal);
        if (!document.hidden) await this.#read('');
        backoff = new Backoff();
        this.#answered('');
        await nap(INTERVAL, this.#stop.signal);
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        this.#answered(error.status === 404 ? '' : error.message);
        if (error.refused) return; // a service without the list, or a name that it refuses
        await nap(Math.max(INTERVAL, backoff.next(error.retryAfter)), this.#stop.signal).catch(() => {});
      }
    }
  }

  /** Reads one more page of older chats. */
  async more() {
    try {
      await this.#read(this.#cursor);
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#emit('problem', error.message);
    }
  }

  close() {
    this.#stop.abort();
  }

  #answered(problem) {
    this.#emit('problem', problem);
    if (this.asked) return;
    this.asked = true;
    this.#emit('change');
  }

  async #read(cursor) {
    const page = await chats({ member: this.#me, limit: PAGE, ...(cursor && { cursor }) }, this.#stop.signal);
    for (const { chat: name, last_message: last } of page.chats) {
      const peer = peerIn(name, this.#me);
      const chat = this.#chat(peer, peer);
      const mine = isMine(last, this.#me, chat.peer);
      if (!mine && fold(chat.peer) === chat.peer) chat.peer = last.sender; // the spelling that the other uses
      this.#take(chat, last, mine);
    }
    if (cursor || !this.#deepest) this.#cursor = page.has_more ? page.next_cursor : '';
    this.#deepest ||= cursor !== '';
    this.#changed();
  }

  #chat(key, peer) {
    if (!this.#byPeer.has(key)) this.#byPeer.set(key, { peer, text: '', mine: false, time: 0, read: 0 });
    return this.#byPeer.get(key);
  }

  #take(chat, message, mine) {
    if (message.send_time <= chat.time) return;
    Object.assign(chat, { text: message.text.slice(0, 200), mine, time: message.send_time });
    if (mine) chat.read = message.send_time;
  }

  #changed() {
    const kept = [...this.#byPeer].sort(([, a], [, b]) => b.time - a.time).slice(0, MOST);
    remember(this.#key, Object.fromEntries(kept));
    this.#emit('change');
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
