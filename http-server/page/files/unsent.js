// The unsent messages that this browser has kept, from an earlier visit.

import { recallAll } from './memory.js';
import { canonical, keyOf, learn } from './names.js';
import { insist } from './patience.js';

const FIELDS = ['key', 'queue', 'chat', 'sender', 'text', 'reason'];

/** Gives take each entry of outbox.js that is whole, oldest first. */
export function unsent(take) {
  const kept = recallAll('unsent.').map(([, value]) => value).filter((value) => value.time > 0).sort((a, b) => a.time - b.time);
  for (const value of kept) {
    if (FIELDS.every((field) => typeof value[field] === 'string')) take(entry(value));
    else if (['key', 'me', 'peer', 'text'].every((field) => typeof value[field] === 'string')) adopt(value, take);
  }
}

function entry({ key, queue, chat, sender, text, time, state, reason }) {
  return { key, queue, chat, sender, text, time, state: state === 'refused' ? state : 'waiting', reason };
}

/** An entry of the page's first version: it has the two names as they were written. */
async function adopt({ me, peer, reason = '', ...rest }, take) {
  const names = [me, peer];
  await insist(() => learn(names)).catch(() => {}); // a name that is refused is refused with the message, too
  const chat = names.map(canonical).sort().join(':');
  take(entry({ ...rest, chat, sender: me, queue: keyOf(canonical(me), chat), reason }));
}
