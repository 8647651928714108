// What a pane says about the state of its chat.

import { isGroup } from './names.js';

const MOST = 3; // readers who are named

/** Says who has seen a message; readers is not empty. */
export function seenBy(readers, roster) {
  if (!isGroup(roster.chat)) return 'Seen';
  if (readers.length === roster.names.length - 1) return 'Seen by all';
  return readers.length > MOST ? `Seen by ${readers.length}` : `Seen by ${readers.join(', ')}`;
}

/**
 * Says what is wrong, given the states of the feed and of the stream, and whether the member is
 * outside of the group: {text, final: no repetition mends it, closed: nothing can be written}.
 */
export function standing(feed, stream, outside) {
  if (feed.name === 'refused') return { text: feed.reason, final: true, closed: true };
  if (outside) return { text: 'You are not in this group. What others write from now on does not appear here.', final: true, closed: true };
  if (stream.name === 'refused') return { text: stream.reason, final: true, closed: false };
  const waiting = [feed, stream].find(({ name, reason }) => name === 'waiting' && reason !== '');
  return { text: waiting ? `${waiting.reason} Trying again…` : '', final: false, closed: false };
}
