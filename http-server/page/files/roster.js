// Who is in a chat, and how far each has read.

import { members } from './api.js';
import { canonical, isGroup, know, learn } from './names.js';

const MOST = 1_000; // members of a group

/** Events: change, when somebody has come, gone, or read on. */
export class Roster extends EventTarget {
  #reads = new Map(); // canonical name → send_time
  chat; // its canonical name

  /** Asks for what a route names: a chat of me and peer, or a group. */
  static async of({ me, peer, group }, signal) {
    await learn(group ? [me, group] : [me], signal);
    const page = await members({ chat: group || `${me}:${peer}`, limit: MOST }, signal);
    const names = page.members.map(({ member }) => member);
    know(names);
    // The service gives names in the order that they have in a chat's name.
    return new Roster(group ? canonical(group) : `${names[0]}:${names.at(-1)}`, page.members);
  }

  constructor(chat, list) {
    super();
    this.chat = chat;
    for (const { member, read } of list) this.#reads.set(member, read);
  }

  /** The members' canonical names, in order. */
  get names() {
    return [...this.#reads.keys()].sort((a, b) => a.localeCompare(b));
  }

  has(member) {
    return this.#reads.has(member);
  }

  /** The send_time up to which a member has read; 0: nothing. */
  readBy(member) {
    return this.#reads.get(member) ?? 0;
  }

  /** The members but one who have read a message. */
  readers(sendTime, but) {
    return this.names.filter((name) => name !== but && this.#reads.get(name) >= sendTime);
  }

  /** Takes what the stream has brought. */
  take({ messages, reads }) {
    for (const { chat, added = [], removed = [] } of messages) {
      if (chat !== this.chat || !isGroup(chat)) continue;
      for (const name of removed) this.#reads.delete(name);
      for (const name of added) if (!this.has(name)) this.#reads.set(name, 0);
    }
    for (const { chat, member, send_time: time } of reads) {
      if (chat === this.chat && this.has(member)) this.#reads.set(member, Math.max(this.#reads.get(member), time));
    }
    this.dispatchEvent(new Event('change'));
  }
}
