// The window on a chat as one member sees it, with a line between days, one before what
// is new, and a note at what others have seen.

import { dayOf, sameDay } from './dates.js';
import { copy } from './dom.js';
import { item } from './message.js';

const TOGETHER = 5 * 60 * 1000; // ms within which one member's messages stand together

export class Timeline {
  #list;
  #me;
  #items = []; // those of message.js, oldest first
  #divider = copy('divider');
  #divided = null; // the item after it
  #receipt = copy('receipt');

  /** me: the canonical name of who sees it. */
  constructor(list, me) {
    this.#list = list;
    this.#me = me;
  }

  get isEmpty() {
    return this.#items.length === 0;
  }

  /** The send_time of the newest message by others; 0: there is none. */
  get newestOther() {
    return this.#items.findLast(({ mine }) => !mine)?.sendTime ?? 0;
  }

  has(sendTime) {
    return this.#items.findLast((known) => known.sendTime <= sendTime)?.sendTime === sendTime;
  }

  /** Shows these messages and no others. */
  reset(messages) {
    this.#items = [];
    this.#list.replaceChildren();
    this.append(messages, 0);
  }

  /** Adds messages before all others, oldest first; drop leave the end. */
  prepend(messages, drop) {
    const items = messages.map((message) => item(message, this.#me));
    this.#list.prepend(...items.map(({ element }) => element));
    this.#items.unshift(...items);
    this.#remove(this.#items.splice(this.#items.length - drop));
    for (let i = 0; i <= items.length; i++) this.#join(i);
  }

  /** Adds messages after all others, oldest first; drop leave the beginning. */
  append(messages, drop) {
    const begin = this.#items.length;
    const items = messages.map((message) => item(message, this.#me));
    this.#list.append(...items.map(({ element }) => element));
    this.#items.push(...items);
    for (let i = begin; i < this.#items.length; i++) this.#join(i);
    this.#remove(this.#items.splice(0, drop));
    this.#join(0);
  }

  /** Names the days anew, because "today" and "yesterday" move on. */
  nameDays() {
    for (const { separator, when } of this.#items) {
      if (separator) separator.textContent = dayOf(when);
    }
  }

  /** Draws the line before the first message by others after a send_time; returns it, or null if there is none. */
  divide(read) {
    const first = this.#items.find(({ sendTime, mine }) => sendTime > read && !mine);
    if (!first) return null;
    first.element.before(this.#divider);
    this.#divided = first;
    return this.#divider;
  }

  /** Returns the element of the first message at or after a send_time, or null. */
  at(sendTime) {
    return this.#items.find((known) => known.sendTime >= sendTime)?.element ?? null;
  }

  /** Says at my newest message that others have read who they are; readers(sendTime) tells, label(readers) says. */
  noteSeen(readers, label) {
    const seen = this.#items.findLast(({ sendTime, mine, by }) => mine && by !== '' && readers(sendTime).length > 0);
    if (!seen) return this.#receipt.remove();
    this.#receipt.textContent = label(readers(seen.sendTime));
    if (this.#receipt.parentElement !== seen.element) seen.element.append(this.#receipt);
  }

  #remove(items) {
    if (items.includes(this.#divided)) this.#divider.remove();
    for (const { element, separator } of items) {
      element.remove();
      separator?.remove();
    }
  }

  /** Gives an item a new day's line, or joins it to the one before it. */
  #join(i) {
    const here = this.#items[i];
    if (!here) return;
    const before = this.#items[i - 1];
    const newDay = !before || !sameDay(before.when, here.when);
    if (newDay && !here.separator) {
      here.separator = document.createElement('li');
      here.separator.className = 'day note';
      here.separator.textContent = dayOf(here.when);
      here.element.before(here.separator);
    } else if (!newDay && here.separator) {
      here.separator.remove();
      here.separator = null;
    }
    here.element.classList.toggle('follows', !newDay && before.by === here.by && here.when - before.when < TOGETHER);
  }
}
