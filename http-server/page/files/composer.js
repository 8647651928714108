// Where a member writes. Enter sends, Shift+Enter begins a new line. A draft survives a
// reload.

import { find, say } from './dom.js';
import { drafts } from './drafts.js';

const MOST = 16_384; // bytes of a text

let count = 0; // of composers, for their ids

export class Composer {
  #form;
  #field;
  #keep;
  #send;

  /** Writes as a side of pane.js in a chat. send(text) takes what was written. */
  constructor(form, { me, id, title }, chat, send) {
    this.#form = form;
    this.#field = find(form, 'textarea');
    this.#keep = (text) => drafts.keep(id, chat, text);
    this.#send = send;
    const field = `text-${++count}`;
    this.#field.id = field;
    find(form, 'label').htmlFor = field;
    find(form, 'label').textContent = `Message of ${me} to ${title}`;
    find(form, '.hint').id = `${field}-hint`;
    this.#field.setAttribute('aria-describedby', `${field}-hint`);
    this.#field.value = drafts.of(id, chat);
    this.#field.addEventListener('input', () => this.#changed());
    this.#field.addEventListener('keydown', (event) => this.#key(event));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  /** Makes the field as high as its text; it must be on the page. */
  fit() {
    this.#field.style.height = 'auto';
    this.#field.style.height = `${this.#field.scrollHeight}px`;
  }

  focus() {
    this.#field.focus();
  }

  /** Puts a text before what is being written. */
  edit(text) {
    this.#field.value = this.#field.value.trim() === '' ? text : `${text}\n\n${this.#field.value}`;
    this.#changed();
    this.#field.focus();
    this.#field.setSelectionRange(text.length, text.length);
  }

  #key(event) {
    // In an input method Enter chooses a word.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (!event.repeat) this.#submit();
  }

  #submit() {
    const text = this.#field.value;
    if (text.trim() === '' || this.#excess() > 0) return;
    this.#field.value = '';
    this.#changed();
    this.#field.focus();
    this.#send(text);
  }

  #excess() {
    return new TextEncoder().encode(this.#field.value).length - MOST;
  }

  #changed() {
    const excess = this.#excess();
    this.#keep(this.#field.value);
    find(this.#form, '.send').disabled = excess > 0;
    this.#field.setAttribute('aria-invalid', String(excess > 0));
    say(find(this.#form, '.hint'), excess > 0 ? `Too long by ${excess.toLocaleString()} bytes: a message has at most ${MOST.toLocaleString()}.` : '');
    this.fit();
  }
}
