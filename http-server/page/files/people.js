// The dialog that shows who is in a group, and changes it.

import { change } from './api.js';
import { namesIn, openDialog, perform } from './dialog.js';
import { copy, find, paintAvatar } from './dom.js';
import { format } from './route.js';

export class People {
  #dialog = openDialog('people');
  #side;
  #roster;
  #drawn = '';

  /** side and roster are those of a pane. */
  constructor(side, roster) {
    this.#side = side;
    this.#roster = roster;
    const form = find(this.#dialog, 'form');
    find(this.#dialog, 'h2').textContent = side.title;
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      const add = namesIn(form.elements.names.value);
      if (add.length > 0 && await this.#change({ add })) form.reset();
    });
    find(this.#dialog, '.exit').addEventListener('click', async () => {
      if (!await this.#change({ remove: [side.id] })) return;
      this.#dialog.close();
      location.hash = format({ me: side.me });
    });
    const listening = new AbortController();
    roster.addEventListener('change', () => this.#draw(), { signal: listening.signal });
    this.#dialog.addEventListener('close', () => listening.abort());
    this.#draw();
  }

  #change(what) {
    return perform(this.#dialog, JSON.stringify(what), (key) => change({ chat: this.#roster.chat, by: this.#side.me, ...what, key }));
  }

  /** Draws who is there. That somebody has read on does not disturb the focus. */
  #draw() {
    const inside = this.#roster.has(this.#side.id);
    const drawn = JSON.stringify([inside, this.#roster.names]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    find(this.#dialog, 'form').hidden = find(this.#dialog, '.exit').hidden = !inside;
    find(this.#dialog, 'ul').replaceChildren(...this.#roster.names.map((name) => this.#person(name, inside)));
  }

  #person(name, inside) {
    const element = copy('person');
    const isMe = name === this.#side.id;
    paintAvatar(find(element, '.avatar'), name);
    find(element, '.name').textContent = isMe ? `${name} (you)` : name;
    const button = find(element, 'button');
    button.ariaLabel = `Remove ${name}`;
    button.hidden = isMe || !inside;
    button.addEventListener('click', () => this.#change({ remove: [name] }));
    return element;
  }
}
