// One side of a chat: what a member reads and writes.

import { Composer } from './composer.js';
import { copy, find, say } from './dom.js';
import { Head } from './head.js';
import { canonical, isGroup, keyOf } from './names.js';
import { Pending } from './pending.js';
import { seenBy, standing } from './phrases.js';
import { Scroller } from './scroller.js';
import { Sight } from './sight.js';
import { Timeline } from './timeline.js';

export class Pane {
  element = copy('pane');
  #side;
  #talk;
  #head;
  #timeline;
  #pending;
  #scroller;
  #composer;
  #sight;
  #place; // where the next opening leads: {read: up to where nothing is new}, {time}, or {} for the end
  #listening = new AbortController();

  /**
   * side: {me, id, title, both, mine}: who writes, as written and in canonical form; the other's name; whether both
   * sides are shown; whether the list of chats is this member's. talk: {roster, feed, stream, inbox, outbox}.
   * read: up to where nothing is new.
   */
  constructor(side, talk, read) {
    this.#side = side;
    this.#talk = talk;
    this.#place = { read };
    const { chat } = talk.roster;
    const part = (selector) => find(this.element, selector);
    part('.scroller').ariaLabel = isGroup(chat) ? `Messages of ${side.title}` : `Messages of ${side.me} and ${side.title}`;
    this.#head = new Head(this.element, side, talk.roster, (time) => this.#goTo({ time }));
    this.#timeline = new Timeline(part('.messages'), side.id);
    this.#pending = new Pending(part('.pending'), talk.outbox, (text) => this.#composer.edit(text));
    this.#scroller = new Scroller(part('.scroller'), [part('.older'), part('.newer')], (sentinel) => this.#more(sentinel), () => this.#sight.look());
    this.#sight = new Sight(this.element, side, talk, this.#scroller, this.#timeline);
    this.#composer = new Composer(part('.composer'), side, chat, (text) => {
      talk.outbox.add({ chat, id: side.id, sender: side.me, text });
      this.#toNewest();
    });
    part('.jump').addEventListener('click', () => {
      this.#toNewest();
      part('.scroller').focus({ preventScroll: true });
    });
    this.#follow(keyOf(side.id, chat));
  }

  /** The pane is on the page now, or on it again. */
  shown() {
    this.#composer.fit();
    this.#sight.look();
  }

  focus() {
    this.#composer.focus();
  }

  /** Closes what is open beneath the head, and reports whether something was. */
  fold() {
    return this.#head.fold();
  }

  close() {
    this.#listening.abort();
    this.#scroller.close();
    this.#sight.close();
  }

  #follow(queue) {
    const { feed, stream, roster, outbox } = this.#talk;
    const on = (source, type, handle) => source.addEventListener(type, ({ detail }) => handle(detail), { signal: this.#listening.signal });
    const onOwn = (type, handle) => on(outbox, type, (detail) => {
      if ((detail.entry ?? detail).queue === queue) this.#change(() => handle(detail));
    });
    on(feed, 'opened', (messages) => this.#opened(messages));
    on(feed, 'older', ({ messages, drop }) => this.#older(messages, drop));
    on(feed, 'newer', ({ messages, drop }) => this.#newer(messages, drop));
    on(feed, 'missed', (messages) => this.#missed(messages));
    on(feed, 'state', () => this.#state());
    on(stream, 'state', () => this.#state());
    on(roster, 'change', () => this.#change(() => this.#people()));
    on(document, 'visibilitychange', () => this.#sight.look());
    for (const entry of outbox.of(queue)) this.#pending.show(entry);
    onOwn('change', (entry) => this.#pending.show(entry));
    onOwn('gone', (entry) => this.#pending.remove(entry));
    onOwn('sent', ({ entry, sendTime }) => this.#pending.sent(entry, sendTime, this.#timeline.has(sendTime)));
    this.#people();
  }

  #opened(messages) {
    const { read = Infinity, time } = this.#place;
    this.#timeline.reset(messages);
    const divider = this.#timeline.divide(read);
    const place = time === undefined ? divider : this.#timeline.at(time);
    this.#arrived(messages);
    if (place) this.#scroller.show(place);
    else this.#scroller.toEnd();
    this.#changed();
  }

  #older(messages, drop) {
    this.#change(() => this.#timeline.prepend(messages, drop));
    this.#changed();
  }

  #newer(messages, drop) {
    const news = this.#byOthers(messages);
    const begins = this.#sight.news(news);
    this.#change(() => {
      this.#timeline.append(messages, drop);
      if (begins) this.#timeline.divide(news[0].send_time - 1);
      this.#arrived(messages);
      this.#timeline.nameDays();
    });
    this.#changed();
  }

  #missed(messages) {
    for (const message of messages) this.#pending.arrived(message);
    this.#sight.missed(this.#byOthers(messages));
    this.#changed();
  }

  #arrived(messages) {
    for (const message of messages) this.#pending.arrived(message);
    this.#people();
  }

  #byOthers(messages) {
    return messages.filter(({ sender }) => canonical(sender) !== this.#side.id);
  }

  /** Changes what the scroller shows. */
  #change(change) {
    this.#scroller.hold(change, this.#sight.staysAtEnd);
  }

  /** Says what is before and after the window, and asks for it if that is in sight. */
  #changed() {
    const { feed } = this.#talk;
    say(find(this.element, '.older'), feed.hasOlder ? 'Reading earlier messages…' : this.#timeline.isEmpty ? 'No messages yet. Write the first!' : 'This is where the chat begins.');
    find(this.element, '.newer').hidden = feed.live;
    this.#sight.changed();
    this.#scroller.watch();
  }

  #toNewest() {
    if (this.#talk.feed.live) this.#scroller.toEnd();
    else this.#goTo({});
  }

  #goTo(place) {
    this.#place = place;
    if (place.time) this.#talk.feed.openAt(place.time);
    else this.#talk.feed.openEnd();
  }

  #more(sentinel) {
    if (sentinel.matches('.older')) this.#talk.feed.readOlder();
    else this.#talk.feed.readNewer();
  }

  #people() {
    const { roster } = this.#talk;
    const { id } = this.#side;
    this.#head.note();
    this.#timeline.noteSeen((sendTime) => roster.readers(sendTime, id), (readers) => seenBy(readers, roster));
    this.#state();
  }

  #state() {
    const { feed, stream, roster } = this.#talk;
    const notice = find(this.element, '.notice');
    const { text, final, closed } = standing(feed.state, stream.state, isGroup(roster.chat) && !roster.has(this.#side.id));
    notice.classList.toggle('final', final);
    say(notice, text);
    const loading = feed.state.name === 'loading';
    this.element.ariaBusy = String(loading);
    find(this.element, '.composer').hidden = closed; // nobody would take what is written
    if (loading) say(find(this.element, '.older'), 'Reading messages…');
    else if (feed.state.name === 'refused') say(find(this.element, '.older'), '');
  }
}
