// What of a chat somebody has seen: the count of what they have not, the way to it, and
// the mark that tells the service.

import { find } from './dom.js';
import { Marks } from './marks.js';

export class Sight {
  #pane;
  #side;
  #talk;
  #scroller;
  #timeline;
  #marks;
  #unseen = 0; // messages that came and were not seen
  #live = false; // the feed was, when it last changed

  /** side and talk are those of pane.js. */
  constructor(pane, side, talk, scroller, timeline) {
    this.#pane = pane;
    this.#side = side;
    this.#talk = talk;
    this.#scroller = scroller;
    this.#timeline = timeline;
    this.#marks = new Marks(talk.roster.chat, side.id, talk.roster.readBy(side.id));
    this.#count(0);
  }

  /** The end of what is shown is to stay in sight. */
  get staysAtEnd() {
    return this.#live && this.#scroller.atEnd;
  }

  /** Notes that messages are about to be added at the end, or would be; returns whether they begin what nobody has seen. */
  news(messages) {
    if (!this.#live || this.#sees || messages.length === 0) return false;
    this.#count(this.#unseen + messages.length);
    return this.#unseen === messages.length;
  }

  /** Notes messages that have come and are outside of the window. */
  missed(messages) {
    this.#count(this.#unseen + messages.length);
  }

  /** The feed has changed. */
  changed() {
    this.#live = this.#talk.feed.live;
    this.look();
  }

  /** Takes note of what is in sight. */
  look() {
    const { feed, inbox, roster } = this.#talk;
    feed.following = this.staysAtEnd;
    find(this.#pane, '.jump').hidden = this.staysAtEnd || feed.state.name === 'loading';
    if (!this.#sees) return;
    this.#count(0);
    const isNews = this.#timeline.newestOther > roster.readBy(this.#side.id) && roster.has(this.#side.id);
    if (isNews && this.#marks.seen(feed.newest) && this.#side.mine) inbox.read(roster.chat, feed.newest);
  }

  close() {
    this.#marks.close();
  }

  /** Somebody looks at the newest message. */
  get #sees() {
    return this.staysAtEnd && !document.hidden && this.#pane.checkVisibility();
  }

  #count(unseen) {
    this.#unseen = unseen;
    find(this.#pane, '.jump').textContent = unseen === 0 ? 'Newest ↓' : unseen === 1 ? '1 new message ↓' : `${unseen} new messages ↓`;
  }
}
