// Who I am, and my chats.

import { ChatLink } from './chatlink.js';
import { copy, find, paintAvatar, say } from './dom.js';
import { drafts } from './drafts.js';
import { hintAt } from './hint.js';
import { problemOf } from './names.js';
import { NewGroup } from './newgroup.js';
import { Bell } from './notify.js';
import { format } from './route.js';

export class Sidebar {
  element = copy('sidebar');
  #me;
  #inbox;
  #chat = '';
  #links = new Map(); // chat → its ChatLink
  #due = 0; // of the next drawing
  #listening = new AbortController();

  /** session: {me, stream, inbox}. signOut() signs me out; it is null where nobody is asked who calls. */
  constructor({ me, stream, inbox }, signOut) {
    this.#me = me;
    this.#inbox = inbox;
    const part = (selector) => find(this.element, selector);
    paintAvatar(part('.bar .avatar'), me);
    part('h1').textContent = me;
    part('.change').hidden = signOut !== null;
    part('.sign-out').hidden = signOut === null;
    part('.sign-out').addEventListener('click', () => signOut());
    new Bell(part('.bell'), stream);
    this.#begin(part('.begin'));
    part('.new-group').addEventListener('click', () => new NewGroup(me));
    part('.more').addEventListener('click', () => inbox.more());
    part('.filter').addEventListener('input', () => this.#draw());
    part('nav').addEventListener('keydown', (event) => this.#key(event));
    const { signal } = this.#listening;
    inbox.addEventListener('change', () => this.#drawSoon(), { signal });
    drafts.addEventListener('change', ({ detail }) => detail === this.#chat || this.#drawSoon(), { signal }); // of the open chat the list has none
    inbox.addEventListener('problem', ({ detail }) => say(part('.trouble'), detail), { signal });
    stream.addEventListener('state', ({ detail: { reason } }) => say(part('.trouble'), reason), { signal });
    say(part('.begin .problem'), '');
    say(part('.trouble'), stream.state.reason);
    this.#draw();
  }

  /** Marks the chat that is open; '' for none. */
  mark(chat) {
    this.#chat = chat;
    this.#draw();
  }

  /** Focuses a chat, or if there is none, the field that begins one. */
  focus(chat) {
    (this.#links.get(chat)?.anchor ?? find(this.element, '#new-peer')).focus();
  }

  focusFilter() {
    find(this.element, '.filter').select();
  }

  /** Ends the filter, and reports whether there was one. */
  fold() {
    const filter = find(this.element, '.filter');
    if (filter.value === '') return false;
    filter.value = '';
    this.#draw();
    return true;
  }

  close() {
    this.#listening.abort();
    cancelAnimationFrame(this.#due);
  }

  #begin(form) {
    const field = find(form, 'input');
    const hint = hintAt(form);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const problem = problemOf(field.value);
      say(find(form, '.problem'), problem);
      if (problem) return;
      location.hash = format({ me: this.#me, peer: field.value.trim() });
      field.value = '';
      hint();
    });
  }

  /** Arrows lead from the filter through the list. */
  #key(event) {
    const stops = [find(this.element, '.filter'), ...this.element.querySelectorAll('.chats a')];
    const here = stops.indexOf(document.activeElement);
    const next = { ArrowDown: here + 1, ArrowUp: here - 1 }[event.key];
    if (here < 0 || next === undefined || !stops[next]) return;
    event.preventDefault();
    stops[next].focus();
  }

  #drawSoon() {
    cancelAnimationFrame(this.#due);
    this.#due = requestAnimationFrame(() => this.#draw());
  }

  /** Draws the list; links that stay keep the focus. */
  #draw() {
    const list = find(this.element, '.chats');
    const wanted = find(this.element, '.filter').value.trim().toLocaleLowerCase();
    const all = this.#inbox.all;
    const shown = all.filter(({ title, text }) => `${title}\n${text}`.toLocaleLowerCase().includes(wanted));
    const links = shown.map((chat) => this.#link(chat));
    for (const gone of [...list.children].filter((link) => !links.includes(link))) gone.remove();
    links.forEach((link, i) => list.children[i] === link || list.insertBefore(link, list.children[i]));
    find(this.element, 'nav').ariaBusy = String(!this.#inbox.asked);
    const empty = all.length === 0 ? 'No chats yet. Write a name above to begin one.' : 'No chat has that in its name or its last message.';
    say(find(this.element, '.empty'), links.length > 0 || !this.#inbox.asked ? '' : empty);
    find(this.element, '.more').hidden = !this.#inbox.hasMore;
  }

  #link(chat) {
    if (!this.#links.has(chat.chat)) this.#links.set(chat.chat, new ChatLink(this.#me));
    const link = this.#links.get(chat.chat);
    link.draw(chat, chat.chat === this.#chat);
    return link.element;
  }
}
