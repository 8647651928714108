// The messages that one member has written in a chat and that are not in its timeline
// yet, each with its state.

import { announce, copy, find, say, tint } from './dom.js';

const STATES = { sending: 'Sending…', waiting: 'Not sent yet', refused: 'Not sent', sent: 'Sent' };

export class Pending {
  #list;
  #outbox;
  #edit;
  #bubbles = new Map(); // entry → {element, state, sendTime, seen}

  /** edit(text) takes the text of a message that is to be written anew. */
  constructor(list, outbox, edit) {
    this.#list = list;
    this.#outbox = outbox;
    this.#edit = edit;
  }

  /** Shows an entry as it is now. */
  show(entry) {
    const bubble = this.#bubble(entry);
    const known = bubble.state;
    bubble.state = entry.state;
    if (entry.state !== 'sending') bubble.seen = false; // the message that came may have been another
    this.#draw(entry, bubble);
    if (entry.state === 'refused' && known !== 'refused') announce(`Not sent: ${entry.reason}`);
    else if (entry.state === 'waiting' && known === 'sending' && entry.reason) announce('Not sent yet. Trying again.');
  }

  /** Shows that an entry is stored. Its bubble stays until its message comes. */
  sent(entry, sendTime, isThere) {
    const bubble = this.#bubble(entry);
    if (isThere) return this.remove(entry);
    Object.assign(bubble, { state: 'sent', sendTime });
    this.#draw(entry, bubble);
  }

  remove(entry) {
    this.#bubbles.get(entry)?.element.remove();
    this.#bubbles.delete(entry);
  }

  /**
   * Lets a message of mine that has come take the place of its bubble. The message may
   * come before the answer that tells its send_time: then its text finds the bubble.
   */
  arrived(message) {
    const bubbles = [...this.#bubbles];
    const [entry] = bubbles.find(([, bubble]) => bubble.sendTime === message.send_time) ?? [];
    if (entry) return this.remove(entry);
    const [early, bubble] = bubbles.find(([other, { state, seen }]) => state === 'sending' && !seen && other.text === message.text) ?? [];
    if (!early) return;
    bubble.seen = true;
    this.#draw(early, bubble);
  }

  #bubble(entry) {
    if (!this.#bubbles.has(entry)) {
      const element = copy('pending-message');
      tint(element, entry.sender);
      find(element, '.text').textContent = entry.text;
      find(element, '.retry').addEventListener('click', () => this.#outbox.retry(entry));
      find(element, '.discard').addEventListener('click', () => this.#outbox.discard(entry));
      find(element, '.edit').addEventListener('click', () => {
        this.#outbox.discard(entry);
        this.#edit(entry.text);
      });
      this.#list.append(element);
      this.#bubbles.set(entry, { element, state: '', sendTime: 0, seen: false });
    }
    return this.#bubbles.get(entry);
  }

  #draw(entry, { element, state, seen }) {
    const failed = state === 'refused' || (state === 'waiting' && entry.reason !== '');
    element.hidden = seen;
    element.dataset.state = state;
    find(element, '.state').textContent = STATES[state];
    find(element, '.fate').hidden = !failed;
    say(find(element, '.fate p'), state === 'refused' ? entry.reason : `${entry.reason} Trying again…`);
    find(element, '.retry').textContent = state === 'refused' ? 'Try again' : 'Try now';
    find(element, '.edit').hidden = find(element, '.discard').hidden = state !== 'refused';
  }
}
