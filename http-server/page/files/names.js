// Names of members and chats. The service compares names by a rule of its own, and has a
// canonical form of each. A message gives its sender's name as the sender wrote it. The
// page has no such rule: it asks the service, once for each spelling.

import { account } from './account.js';
import { members } from './api.js';
import { ApiError, OLD } from './call.js';

const known = new Map(); // spelling → canonical name
const asked = new Map(); // spelling → promise of its answer

/** The canonical form of a name that was learnt; of any other the name itself. */
export function canonical(name) {
  return known.get(name) ?? name;
}

/** Notes names that came in their canonical form. */
export function know(names) {
  for (const name of names) known.set(name, name);
}

/** Asks for the canonical forms of names that are not known yet. A name that the service refuses throws. */
export async function learn(names, signal) {
  const unknown = [...new Set(names)].filter((name) => !known.has(name));
  await Promise.all(unknown.map((name) => {
    if (!asked.has(name)) asked.set(name, ask(name).finally(() => asked.delete(name)));
    return asked.get(name);
  }));
  signal?.throwIfAborted();
}

/** Learns who the senders of messages are, and the names of whom they have added and removed. */
export async function learnSenders(messages, signal) {
  know(messages.flatMap(({ added = [], removed = [] }) => [...added, ...removed]));
  await learn(messages.map(({ sender }) => sender), signal);
}

/**
 * The members of a chat come in canonical form. The chat of somebody with themselves has one; but who has signed in
 * learns only of chats that they are in.
 */
async function ask(name) {
  const me = account.me || name;
  if (name !== me) await learn([me]);
  const page = await members({ chat: `${me}:${name}` }).catch((error) => {
    throw error.status === 404 ? new ApiError(404, OLD) : error; // such a chat is always there
  });
  const { member } = page.members.find((other) => other.member !== canonical(me)) ?? page.members[0];
  know([member]);
  known.set(name, member);
}

/** Whether a chat is a group; any other has the names of its two members. */
export function isGroup(chat) {
  return !chat.includes(':');
}

/** The other member of a chat of two; all names are canonical. */
export function otherIn(chat, me) {
  const [first, second] = chat.split(':');
  return first === me ? second : first;
}

/** The key by which the browser keeps what a member has of a chat; no name has a space. */
export function keyOf(me, chat) {
  return `${me} ${chat}`;
}

/** Says what is wrong with a name, as far as the page can tell, or ''. */
export function problemOf(name) {
  if (name.trim() === '') return 'Please write a name.';
  if (/[:\uFF1A]/.test(name)) return 'A name must not contain a colon.';
  if (/\s/.test(name.trim())) return 'A name must not contain spaces.';
  return '';
}
