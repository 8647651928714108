// The head of a pane: whom one talks to, and what can be done with the chat.

import { account } from './account.js';
import { find, paintAvatar, say, tint } from './dom.js';
import { isGroup } from './names.js';
import { People } from './people.js';
import { format } from './route.js';
import { MIXED, mixesScripts } from './scripts.js';

export class Head {
  #pane;
  #side;
  #roster;

  /** goTo(time) shows the chat at a time (µs). */
  constructor(pane, side, roster, goTo) {
    this.#pane = pane;
    this.#side = side;
    this.#roster = roster;
    const { me, title, both } = side;
    tint(pane, me);
    const [avatar, name] = [this.#part('.bar .avatar'), both ? me : title];
    paintAvatar(avatar, name);
    avatar.classList.toggle('group', isGroup(roster.chat));
    pane.classList.toggle('of-group', isGroup(roster.chat));
    this.#part('h2').textContent = name;
    say(this.#part('.mixed'), mixesScripts(name) ? MIXED : '');
    pane.ariaLabel = both ? `${me} writes to ${title}` : `Chat with ${title}`;
    this.#links();
    this.#calendar(goTo);
    this.note();
  }

  /** Says who takes part. */
  note() {
    const { me, title, both } = this.#side;
    const { names, chat } = this.#roster;
    const people = names.length === 1 ? '1 member' : `${names.length} members`;
    const alone = !isGroup(chat) && names.length === 1;
    this.#part('.who .note').textContent = isGroup(chat) ? `${people} · you are ${me}` : both ? `writes to ${title}` : alone ? 'notes to yourself' : `you are ${me}`;
  }

  /** Closes what is open beneath the head, and reports whether something was. */
  fold() {
    const open = !this.#part('.goto').hidden;
    if (open) this.#part('.calendar').click();
    return open;
  }

  #links() {
    const { me, title, both } = this.#side;
    const { chat, names } = this.#roster;
    this.#part('.back').href = format({ me });
    this.#part('.both').href = format({ me, peer: title, both: true });
    this.#part('.back').hidden = both;
    this.#part('.both').hidden = both || account.asked || names.length === 1 || isGroup(chat);
    this.#part('.people').hidden = !isGroup(chat);
    this.#part('.people').addEventListener('click', () => new People(this.#side, this.#roster));
  }

  #calendar(goTo) {
    const [button, form] = [this.#part('.calendar'), this.#part('.goto')];
    const day = find(form, 'input');
    button.addEventListener('click', () => {
      form.hidden = !form.hidden;
      button.ariaExpanded = String(!form.hidden);
      (form.hidden ? button : day).focus();
    });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const begin = new Date(`${day.value}T00:00`).getTime(); // of the day here
      this.fold();
      goTo(Math.max(1, begin * 1000));
    });
  }

  #part(selector) {
    return find(this.#pane, selector);
  }
}
