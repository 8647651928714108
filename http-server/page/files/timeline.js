// The messages of a chat as one member sees them, from the oldest that was read to the
// newest, with a line between days.

import { clockOf, dateOf, dayOf, sameDay } from './dates.js';
import { copy, find, paintAvatar, tint } from './dom.js';
import { isMine } from './names.js';

const TOGETHER = 5 * 60 * 1000; // ms within which one member's messages stand together

export class Timeline {
  #list;
  #me;
  #peer;
  #items = []; // {when, mine, sendTime, element, separator}, oldest first
  #known = new Set(); // send_times

  constructor(list, me, peer) {
    this.#list = list;
    this.#me = me;
    this.#peer = peer;
  }

  get isEmpty() {
    return this.#items.length === 0;
  }

  has(sendTime) {
    return this.#known.has(sendTime);
  }

  isMine(message) {
    return isMine(message, this.#me, this.#peer);
  }

  /** Adds messages before all others, oldest first. */
  prepend(messages) {
    const items = messages.map((message) => this.#item(message));
    this.#list.prepend(...items.map((item) => item.element));
    this.#items.unshift(...items);
    for (let i = 0; i <= items.length; i++) this.#join(i);
  }

  /** Adds messages after all others, oldest first. */
  append(messages) {
    const begin = this.#items.length;
    const items = messages.map((message) => this.#item(message));
    this.#list.append(...items.map((item) => item.element));
    this.#items.push(...items);
    for (let i = begin; i < this.#items.length; i++) this.#join(i);
  }

  /** Names the days anew, because "today" and "yesterday" move on. */
  nameDays() {
    for (const { separator, when } of this.#items) {
      if (separator) separator.textContent = dayOf(when);
    }
  }

  #item(message) {
    this.#known.add(message.send_time);
    const element = copy('message');
    const mine = this.isMine(message);
    const when = dateOf(message.send_time);
    element.classList.toggle('mine', mine);
    tint(element, message.sender);
    if (mine) find(element, '.avatar').remove();
    else paintAvatar(find(element, '.avatar'), message.sender);
    find(element, '.sender').textContent = `${message.sender}: `;
    find(element, '.text').textContent = message.text;
    const time = find(element, 'time');
    time.dateTime = when.toISOString();
    time.title = when.toLocaleString();
    time.textContent = clockOf(when);
    return { when, mine, sendTime: message.send_time, element, separator: null };
  }

  /** Gives an item a new day's line, or joins it to the one before it. */
  #join(i) {
    const item = this.#items[i];
    if (!item) return;
    const before = this.#items[i - 1];
    const newDay = !before || !sameDay(before.when, item.when);
    if (newDay && !item.separator) {
      item.separator = document.createElement('li');
      item.separator.className = 'day note';
      item.separator.textContent = dayOf(item.when);
      item.element.before(item.separator);
    } else if (!newDay && item.separator) {
      item.separator.remove();
      item.separator = null;
    }
    item.element.classList.toggle('follows', !newDay && before.mine === item.mine && item.when - before.when < TOGETHER);
  }
}
