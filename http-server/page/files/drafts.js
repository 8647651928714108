// What was written and not sent, for each member and chat. It survives a reload.

import { keyOf } from './names.js';
import { recall, recallAll, remember } from './memory.js';

const PREFIX = 'draft.';

/** Events: change, detail: the chat in which a draft has changed. */
class Drafts extends EventTarget {
  of(me, chat) {
    return recall(PREFIX + keyOf(me, chat), '');
  }

  keep(me, chat, text) {
    remember(PREFIX + keyOf(me, chat), text || undefined);
    this.dispatchEvent(new CustomEvent('change', { detail: chat }));
  }

  /** The chats in which me has a draft. */
  chatsOf(me) {
    return recallAll(PREFIX + keyOf(me, '')).map(([chat]) => chat).filter((chat) => this.of(me, chat) !== '');
  }
}

export const drafts = new Drafts();
