// The first view: who are you, and whom do you talk to?

import { copy, find, say } from './dom.js';
import { hintAt } from './hint.js';
import { problemOf } from './names.js';
import { format } from './route.js';

export class Welcome {
  element = copy('welcome');

  /** me: the name that was used last. */
  constructor(me) {
    const form = find(this.element, 'form');
    form.elements.me.value = me;
    form.noValidate = true; // the messages are our own
    say(find(form, '.problem'), '');
    hintAt(form);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#start(form, event.submitter?.name === 'both');
    });
  }

  focus() {
    find(this.element, 'input').focus();
  }

  #start(form, both) {
    const { me, peer } = form.elements;
    for (const field of [me, peer]) {
      const optional = field === peer && !both && field.value.trim() === '';
      const problem = optional ? '' : problemOf(field.value);
      field.setAttribute('aria-invalid', String(problem !== ''));
      if (problem) {
        say(find(form, '.problem'), `${field === me ? 'Your name' : 'Talk to'}: ${problem}`);
        return field.focus();
      }
    }
    location.hash = format({ me: me.value.trim(), peer: peer.value.trim(), both });
  }
}
