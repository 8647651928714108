// One chat in the list.

import { briefly, dateOf } from './dates.js';
import { copy, find, paintAvatar, say } from './dom.js';
import { drafts } from './drafts.js';
import { MANY } from './inbox.js';
import { canonical, isGroup } from './names.js';
import { format } from './route.js';

export class ChatLink {
  element = copy('chat-link');
  anchor = find(this.element, 'a');
  #me;
  #drawn = '';

  constructor(me) {
    this.#me = me;
  }

  /** Draws a chat of inbox.js as it is now. */
  draw(chat, open) {
    const draft = open ? '' : drafts.of(canonical(this.#me), chat.chat);
    const state = JSON.stringify([chat, open, draft, briefly(new Date())]);
    if (state === this.#drawn) return;
    this.#drawn = state;
    const part = (selector) => find(this.element, selector);
    const group = isGroup(chat.chat);
    this.anchor.href = format({ me: this.#me, ...(group ? { group: chat.chat } : { peer: chat.title }) });
    if (open) this.anchor.setAttribute('aria-current', 'page');
    else this.anchor.removeAttribute('aria-current');
    paintAvatar(part('.avatar'), chat.title);
    part('.avatar').classList.toggle('group', group);
    part('.name').textContent = chat.title;
    part('time').textContent = chat.time ? briefly(dateOf(chat.time)) : '';
    const by = chat.mine ? 'You: ' : chat.by ? `${chat.by}: ` : '';
    const last = chat.time ? `${by}${chat.text}` : 'No messages yet';
    part('.preview').textContent = draft ? draft.slice(0, 200) : last;
    say(part('.draft'), draft ? 'Draft: ' : '');
    const count = chat.unread >= MANY ? `${MANY - 1}+` : String(chat.unread);
    part('.unread').hidden = chat.unread === 0;
    part('.unread b').textContent = count;
  }
}
