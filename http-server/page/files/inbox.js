// The chats of a member: those that the service lists, with what has come since, and
// those that were begun here and have no message yet.

import { drafts } from './drafts.js';
import { Emitter } from './emitter.js';
import { canonical, isGroup, otherIn } from './names.js';

/** The service counts what is unread up to here; it stands for more. */
export const MANY = 100;

const LATER = 1_000; // ms until the list is read anew, because only the service can count

/**
 * The chats of me. A chat is {chat, title, text, by, mine, time, read, unread}: its
 * canonical name; the other's name as the other writes it, or the group's; the last message
 * with who wrote it ('' if that is the other of two) and its send_time (µs; 0: none yet);
 * the send_time up to which I have read; and how many by others came after that. Events:
 *   change   the list has changed
 *   arrived  detail: messages by others that are new
 *   problem  detail: why more chats could not be read; ''
 */
export class Inbox extends Emitter {
  #name;
  #stream;
  #byChat = new Map();
  #cursor = ''; // of the next page of older chats; '': there is none
  #deepest = false; // an older page was read: the first page's cursor no longer counts
  #timer = 0;
  asked = false; // the service has given its list

  constructor(me, stream) {
    super();
    this.#name = me;
    this.#stream = stream;
    stream.addEventListener('list', ({ detail }) => this.#list(detail));
    stream.addEventListener('news', ({ detail }) => this.#news(detail));
  }

  /** All chats that are known, newest first. */
  get all() {
    return [...this.#byChat.values()].sort((a, b) => b.time - a.time || a.title.localeCompare(b.title));
  }

  get hasMore() {
    return this.#cursor !== '';
  }

  /** How many messages are unread in the chats that are known. */
  get unread() {
    return [...this.#byChat.values()].reduce((sum, { unread }) => sum + unread, 0);
  }

  /** Lists a chat, even if it has no message yet; title is how somebody has written the other's name. */
  open(chat, title) {
    const known = this.#byChat.has(chat);
    const entry = this.#chat(chat);
    if (!known) entry.title = title;
    this.#changed();
  }

  /** How many messages of a chat are unread, or undefined if the chat is not known. */
  unreadIn(chat) {
    return this.#byChat.get(chat)?.unread;
  }

  /** Notes that I have read a chat up to a send_time. */
  read(chat, time) {
    this.#read(this.#chat(chat), time);
    this.#changed();
  }

  /** Reads one more page of older chats. */
  async more() {
    try {
      const page = await this.#stream.page(this.#cursor);
      this.#deepest = true;
      this.#cursor = page.has_more ? page.next_cursor : '';
      this.#take(page);
      this.emit('problem', '');
    } catch (error) {
      this.emit('problem', error.message);
    }
  }

  close() {
    clearTimeout(this.#timer);
  }

  /** My canonical name; the stream has learnt it before anything else. */
  get #me() {
    return canonical(this.#name);
  }

  #list(page) {
    this.asked = true;
    for (const chat of drafts.chatsOf(this.#me)) this.#chat(chat);
    if (!this.#deepest) this.#cursor = page.has_more ? page.next_cursor : '';
    this.#take(page);
  }

  #take(page) {
    for (const { chat: name, last_message: last, read, unread } of page.chats) {
      const chat = this.#chat(name);
      chat.read = Math.max(chat.read, read);
      // A message that came meanwhile is not counted in what the service has said before it.
      if (last.send_time >= chat.time) chat.unread = chat.read > read && chat.read >= last.send_time ? 0 : unread;
      this.#show(chat, last);
    }
    this.#changed();
  }

  #news({ messages, reads }) {
    const arrived = [];
    for (const message of messages) {
      const chat = this.#chat(message.chat);
      if (message.send_time <= chat.time) continue; // the list had it
      this.#show(chat, message);
      if (chat.mine || message.send_time <= chat.read) continue;
      chat.unread = Math.min(MANY, chat.unread + 1);
      arrived.push(message);
    }
    for (const { chat, member, send_time: time } of reads) {
      if (member === this.#me && this.#byChat.has(chat)) this.#read(this.#chat(chat), time);
    }
    this.#changed();
    if (arrived.length > 0) this.emit('arrived', arrived);
  }

  #read(chat, time) {
    if (time <= chat.read) return;
    chat.read = time;
    if (time >= chat.time) chat.unread = 0;
    else if (chat.unread > 0) this.#recount();
  }

  /** Lets the service count what is unread, once for many marks. */
  #recount() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#stream.page().then((page) => this.#take(page), () => this.#recount()), LATER);
  }

  #chat(chat) {
    if (!this.#byChat.has(chat)) {
      this.#byChat.set(chat, { chat, title: this.#titleOf(chat), text: '', by: '', mine: false, time: 0, read: 0, unread: 0 });
    }
    return this.#byChat.get(chat);
  }

  #titleOf(chat) {
    return isGroup(chat) ? chat : otherIn(chat, this.#me);
  }

  #show(chat, message) {
    if (message.send_time < chat.time) return;
    const mine = canonical(message.sender) === this.#me;
    const group = isGroup(chat.chat);
    Object.assign(chat, { text: message.text.slice(0, 200), by: group ? message.sender : '', mine, time: message.send_time });
    if (!mine && !group) chat.title = message.sender; // the spelling that the other uses
  }

  #changed() {
    this.emit('change');
  }
}
