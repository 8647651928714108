// Who I am, and my chats.

import { briefly, dateOf } from './dates.js';
import { copy, find, paintAvatar, say } from './dom.js';
import { fold, problemOf } from './names.js';
import { format } from './route.js';

export class Sidebar {
  element = copy('sidebar');
  #me;
  #chats;
  #peer = '';
  #links = new Map(); // canonical name → its <li>
  #listening = new AbortController();

  constructor(me, chats) {
    this.#me = me;
    this.#chats = chats;
    const part = (selector) => find(this.element, selector);
    paintAvatar(part('.bar .avatar'), me);
    part('h1').textContent = me;
    part('.begin').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#begin(part('.begin input'));
    });
    part('.more').addEventListener('click', () => chats.more());
    const { signal } = this.#listening;
    chats.addEventListener('change', () => this.#draw(), { signal });
    chats.addEventListener('problem', ({ detail }) => say(part('.begin .problem'), detail), { signal });
    say(part('.begin .problem'), '');
    this.#draw();
  }

  /** Marks the chat that is open; '' for none. */
  mark(peer) {
    this.#peer = fold(peer);
    this.#draw();
  }

  /** Focuses the chat with peer, or if there is none, the field that begins one. */
  focus(peer) {
    const link = this.#links.get(fold(peer));
    (link ? find(link, 'a') : find(this.element, '#new-peer')).focus();
  }

  close() {
    this.#listening.abort();
  }

  #begin(field) {
    const problem = problemOf(field.value);
    say(find(this.element, '.begin .problem'), problem);
    if (problem) return;
    location.hash = format({ me: this.#me, peer: field.value.trim() });
    field.value = '';
  }

  /** Draws the list; links that stay keep the focus. */
  #draw() {
    const list = find(this.element, '.chats');
    const all = this.#chats.all;
    const links = all.map((chat) => this.#link(chat));
    for (const gone of [...list.children].filter((link) => !links.includes(link))) gone.remove();
    links.forEach((link, i) => list.children[i] === link || list.insertBefore(link, list.children[i]));
    find(this.element, 'nav').ariaBusy = String(!this.#chats.asked);
    find(this.element, '.empty').hidden = all.length > 0 || !this.#chats.asked;
    find(this.element, '.more').hidden = !this.#chats.hasMore;
  }

  #link(chat) {
    const key = fold(chat.peer);
    if (!this.#links.has(key)) this.#links.set(key, copy('chat-link'));
    const link = this.#links.get(key);
    const open = key === this.#peer;
    const anchor = find(link, 'a');
    anchor.href = format({ me: this.#me, peer: chat.peer });
    if (open) anchor.setAttribute('aria-current', 'page');
    else anchor.removeAttribute('aria-current');
    paintAvatar(find(link, '.avatar'), chat.peer);
    find(link, '.name').textContent = chat.peer;
    find(link, 'time').textContent = chat.time ? briefly(dateOf(chat.time)) : '';
    find(link, '.preview').textContent = chat.time ? `${chat.mine ? 'You: ' : ''}${chat.text}` : 'No messages yet';
    find(link, '.new').hidden = open || chat.mine || chat.time <= chat.read;
    return link;
  }
}
