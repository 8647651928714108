// How far a member has read a chat, as the service is told.

import { read } from './api.js';
import { insist } from './patience.js';

const PAUSE = 300; // ms in which marks become one call

export class Marks {
  #chat;
  #member;
  #told; // up to here the service knows
  #seen;
  #running = false;
  #stop = new AbortController();

  /** told: the send_time up to which the service knows that member has read. */
  constructor(chat, member, told) {
    this.#chat = chat;
    this.#member = member;
    this.#told = this.#seen = told;
  }

  /** Notes that member has seen the message of a send_time; returns whether that is news. */
  seen(sendTime) {
    if (sendTime <= this.#seen) return false;
    this.#seen = sendTime;
    this.#run();
    return true;
  }

  /** Ends; a mark that is due is sent at once. */
  close() {
    if (this.#seen > this.#told) this.#tell().catch(() => {}); // the next visit marks it again
    this.#stop.abort();
  }

  async #run() {
    if (this.#running) return;
    this.#running = true;
    try {
      while (this.#seen > this.#told) {
        await new Promise((resolve) => setTimeout(resolve, PAUSE)); // not a nap: going away does not end it
        this.#stop.signal.throwIfAborted();
        await insist(() => this.#tell(), this.#stop.signal);
      }
    } catch {
      // Closed; or refused, because member has left the group.
    } finally {
      this.#running = false;
    }
  }

  async #tell() {
    const sendTime = this.#seen;
    await read({ chat: this.#chat, member: this.#member, sendTime });
    this.#told = Math.max(this.#told, sendTime);
  }
}
