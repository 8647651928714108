// What is shown of one chat: first that it is being opened, then its panes.

import { copy, find, paintAvatar, say } from './dom.js';
import { Feed } from './feed.js';
import { canonical, otherIn } from './names.js';
import { Pane } from './pane.js';
import { insist } from './patience.js';
import { Roster } from './roster.js';
import { format } from './route.js';
import { stage } from './stage.js';

export class Conversation {
  element = document.createElement('main');
  chat = ''; // its canonical name, once it is known
  #route;
  #session;
  #outbox;
  #feed = null;
  #panes = [];
  #stop = new AbortController();

  /** session: {me, stream, inbox} of the route's me. */
  constructor(route, session, outbox) {
    this.#route = route;
    this.#session = session;
    this.#outbox = outbox;
    this.element.className = 'chat';
    this.element.append(copy('opening'));
    const title = route.group || route.peer;
    find(this.element, 'h2').textContent = title;
    paintAvatar(find(this.element, '.avatar'), title);
    find(this.element, '.back').href = format({ me: route.me });
  }

  /** Opens the chat, and keeps it up until it is closed. Returns whether it could. */
  async open() {
    const { signal } = this.#stop;
    const { stream } = this.#session;
    try {
      const known = insist(() => Roster.of(this.#route, signal), signal, (state) => this.#waiting(state));
      const [roster] = await Promise.all([known, stream.begun]);
      if (signal.aborted) return false;
      this.#show(roster);
      return true;
    } catch (error) {
      if (!signal.aborted) this.#refused(error.message);
      return false;
    }
  }

  /** Whether both sides are shown; notes to oneself have but one. */
  get hasBoth() {
    return this.#panes.length > 1;
  }

  focus() {
    const pane = this.#panes[0];
    if (pane) pane.focus();
    else find(this.element, '.back').focus();
  }

  /** Closes what is open within the conversation, and reports whether something was. */
  fold() {
    return this.#panes.some((pane) => pane.fold());
  }

  close() {
    this.#stop.abort();
    this.#feed?.close();
    for (const pane of this.#panes) pane.close();
  }

  #show(roster) {
    const { inbox, stream } = this.#session;
    this.chat = roster.chat;
    this.#feed = new Feed(roster.chat);
    const talk = { roster, feed: this.#feed, stream, inbox, outbox: this.#outbox };
    const sides = this.#sides(roster);
    inbox.open(roster.chat, sides[0].title);
    // Only the list knows whether what came later than the mark is by others.
    const unread = inbox.unreadIn(roster.chat);
    this.#panes = sides.map((side) => new Pane(side, talk, side.mine && !unread ? Infinity : roster.readBy(side.id)));
    this.element.replaceChildren(...(this.hasBoth ? [stage(this.#route, this.#panes)] : [this.#panes[0].element]));
    for (const pane of this.#panes) pane.shown();
    this.#listen(roster);
    if (unread) this.#feed.open(roster.readBy(sides[0].id));
    else this.#feed.openEnd();
  }

  /** Returns the sides of the chat: mine, and with both the other's. */
  #sides(roster) {
    const { me, peer, group, both } = this.#route;
    const id = canonical(me);
    const other = group ? '' : otherIn(roster.chat, id);
    const mine = { me, id, title: group ? roster.chat : peer, both: both && other !== id, mine: true };
    return mine.both ? [mine, { me: peer, id: other, title: me, both: true, mine: false }] : [mine];
  }

  #listen(roster) {
    const { stream } = this.#session;
    const { signal } = this.#stop;
    const id = canonical(this.#route.me);
    stream.addEventListener('news', ({ detail }) => {
      const back = !roster.has(id);
      roster.take(detail);
      if (back && roster.has(id)) this.#feed.openEnd(); // the stream has nothing of the time outside
      else this.#feed.take(detail.messages);
    }, { signal });
    stream.addEventListener('list', () => this.#feed.openEnd(), { signal }); // the stream has begun anew: there may be a gap
  }

  #waiting({ name, reason }) {
    say(find(this.element, '.notice'), name === 'waiting' && reason ? `${reason} Trying again…` : '');
  }

  #refused(reason) {
    const notice = find(this.element, '.notice');
    find(this.element, '.opening').ariaBusy = 'false';
    find(this.element, '.older').hidden = true;
    notice.classList.add('final');
    say(notice, reason);
  }
}
