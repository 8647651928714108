// One side of a chat: what a member reads and writes.

import { Composer } from './composer.js';
import { copy, find, paintAvatar, say, tint } from './dom.js';
import { keyOf } from './names.js';
import { Pending } from './pending.js';
import { format } from './route.js';
import { Scroller } from './scroller.js';
import { Timeline } from './timeline.js';

export class Pane {
  element = copy('pane');
  #feed;
  #timeline;
  #pending;
  #scroller;
  #composer;
  #listening = new AbortController();

  /** both: the other side is shown as well, so this pane is titled with its writer's name. */
  constructor({ me, peer, both }, feed, outbox) {
    this.#feed = feed;
    this.#head(me, peer, both);
    const part = (selector) => find(this.element, selector);
    part('.scroller').ariaLabel = `Messages of ${me} and ${peer}`;
    this.#timeline = new Timeline(part('.messages'), me, peer);
    this.#pending = new Pending(part('.pending'), outbox, (text) => this.#composer.edit(text));
    this.#scroller = new Scroller(part('.scroller'), part('.older'), part('.jump'), () => this.#feed.readOlder());
    this.#composer = new Composer(part('.composer'), me, peer, (text) => {
      outbox.add(me, peer, text);
      this.#scroller.toEnd();
    });
    for (const entry of outbox.of(me, peer)) this.#pending.show(entry);
    this.#follow(outbox, keyOf(me, peer));
  }

  /** The pane is on the page now. */
  shown() {
    this.#composer.fit();
  }

  focus() {
    this.#composer.focus();
  }

  close() {
    this.#listening.abort();
    this.#scroller.close();
  }

  #head(me, peer, both) {
    const part = (selector) => find(this.element, selector);
    const [title, note] = both ? [me, `writes to ${peer}`] : [peer, me === peer ? 'notes to yourself' : `you are ${me}`];
    tint(this.element, me);
    paintAvatar(part('.bar .avatar'), title);
    part('h2').textContent = title;
    part('.who .note').textContent = note;
    part('.back').href = format({ me });
    part('.both').href = format({ me, peer, both: true });
    part('.back').hidden = part('.both').hidden = both;
    part('.both').hidden ||= me === peer;
    this.element.ariaLabel = both ? `${me} writes to ${peer}` : `Chat with ${peer}`;
  }

  #follow(outbox, queue) {
    const on = (source, type, handle) => source.addEventListener(type, ({ detail }) => handle(detail), { signal: this.#listening.signal });
    const onOwn = (type, handle) => on(outbox, type, (detail) => {
      const entry = detail.entry ?? detail;
      if (keyOf(entry.me, entry.peer) === queue) this.#scroller.atEnd(() => handle(detail));
    });
    on(this.#feed, 'newer', (messages) => this.#newer(messages));
    on(this.#feed, 'older', (messages) => this.#older(messages));
    on(this.#feed, 'state', (state) => this.#state(state));
    onOwn('change', (entry) => this.#pending.show(entry));
    onOwn('gone', (entry) => this.#pending.remove(entry));
    onOwn('sent', ({ entry, sendTime }) => this.#pending.sent(entry, sendTime, this.#timeline.has(sendTime)));
    this.#state(this.#feed.state);
  }

  #newer(messages) {
    const mine = messages.filter((message) => this.#timeline.isMine(message));
    this.#scroller.atEnd(() => {
      this.#timeline.append(messages);
      for (const message of mine) this.#pending.arrived(message);
      this.#timeline.nameDays();
    }, messages.length - mine.length);
    this.#history();
  }

  #older(messages) {
    this.#timeline.prepend(messages);
    this.#history();
  }

  /** Says where the timeline begins, and asks for more if that is in sight. */
  #history() {
    const { hasOlder } = this.#feed;
    say(find(this.element, '.older'), hasOlder ? 'Reading earlier messages…' : this.#timeline.isEmpty ? 'No messages yet. Write the first!' : 'This is where the chat begins.');
    if (hasOlder) this.#scroller.watch();
    else this.#scroller.close();
  }

  #state({ name, reason }) {
    const notice = find(this.element, '.notice');
    notice.classList.toggle('final', name === 'refused');
    say(notice, { waiting: `${reason} Trying again…`, refused: reason }[name] ?? '');
    this.element.ariaBusy = String(name === 'loading');
    find(this.element, '.composer').hidden = name === 'refused'; // nobody would take what is written
    if (name === 'loading') say(find(this.element, '.older'), 'Reading messages…');
    else if (name === 'refused') say(find(this.element, '.older'), '');
  }
}
