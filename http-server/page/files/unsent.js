// The unsent messages that this browser has kept, from an earlier visit.

import { recallAll } from './memory.js';
import { canonical, keyOf, learn } from './names.js';
import { insist } from './patience.js';

const FIELDS = ['key', 'queue', 'chat', 'sender', 'text', 'reason'];

/** Gives take each entry of outbox.js that is whole, oldest first: those of me, or if that is '' all. */
export async function unsent(me, take) {
  if (me) await insist(() => learn([me])).catch(() => {}); // a name that is refused is refused with the messages, too
  const isMine = ({ queue }) => !me || queue.startsWith(keyOf(canonical(me), ''));
  const kept = recallAll('unsent.').map(([, value]) => value).filter((value) => value.time > 0).sort((a, b) => a.time - b.time);
  for (const value of kept) {
    if (FIELDS.every((field) => typeof value[field] === 'string')) isMine(value) && take(entry(value));
    else if (['key', 'me', 'peer', 'text'].every((field) => typeof value[field] === 'string')) adopt(value, isMine, take);
  }
}

function entry({ key, queue, chat, sender, text, time, state, reason }) {
  return { key, queue, chat, sender, text, time, state: state === 'refused' ? state : 'waiting', reason };
}

/** An entry of the page's first version: it has the two names as they were written. */
async function adopt({ me, peer, reason = '', ...rest }, isMine, take) {
  const names = [me, peer];
  await insist(() => learn(names)).catch(() => {}); // a name that is refused is refused with the message, too
  const chat = names.map(canonical).sort().join(':');
  const queue = keyOf(canonical(me), chat);
  if (isMine({ queue })) take(entry({ ...rest, chat, sender: me, queue, reason }));
}
