// The line above everything that asks somebody to sign in again.

import { copy, find, say } from './dom.js';
import { keepsAll } from './memory.js';

const UNKEPT = 'This browser does not keep what you have written here. Copy it, and then sign in again.';

export class Banner {
  #element = copy('banner');
  #warned = false;

  /** go() leaves the page. */
  constructor(go) {
    find(this.#element, 'button').addEventListener('click', () => this.#go(go));
    say(this.#text, '');
    this.#element.hidden = true;
    document.body.prepend(this.#element);
  }

  /** Says why; '' takes the line away. */
  tell(reason) {
    this.#element.hidden = reason === '';
    if (reason === '') this.#warned = false;
    if (!this.#warned) say(this.#text, reason);
  }

  get #text() {
    return find(this.#element, '.why');
  }

  /** Leaves, but warns once if that would lose something. */
  #go(go) {
    if (keepsAll() || this.#warned) return go();
    this.#warned = true;
    say(this.#text, UNKEPT);
  }
}
