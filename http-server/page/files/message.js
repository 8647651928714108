// One message, as an element of a timeline.

import { clockOf, dateOf } from './dates.js';
import { copy, find, paintAvatar, tint } from './dom.js';
import { write } from './links.js';
import { canonical } from './names.js';

const together = new Intl.ListFormat('en-GB');

/** Returns {sendTime, when, by, mine, element, separator} of a message; me is a canonical name. */
export function item(message, me) {
  const by = canonical(message.sender);
  const when = dateOf(message.send_time);
  const element = message.added || message.removed ? change(message, by, me) : bubble(message, by === me);
  const time = find(element, 'time');
  time.dateTime = when.toISOString();
  time.title = when.toLocaleString();
  time.textContent = clockOf(when);
  return { sendTime: message.send_time, when, by: element.matches('.change') ? '' : by, mine: by === me, element, separator: null };
}

function bubble(message, mine) {
  const element = copy('message');
  element.classList.toggle('mine', mine);
  tint(element, message.sender);
  if (mine) find(element, '.avatar').remove();
  else paintAvatar(find(element, '.avatar'), message.sender);
  find(element, '.sender').textContent = mine ? 'You: ' : message.sender;
  write(find(element, '.text'), message.text);
  return element;
}

/** Who came into a group, and who went. */
function change({ sender, added = [], removed = [] }, by, me) {
  const element = copy('change');
  find(element, '.what').textContent = whatChanged({ sender: by === me ? 'You' : sender, by, added, removed }, me);
  return element;
}

function whatChanged({ sender, by, added, removed }, me) {
  const list = (names) => together.format(names.map((name) => (name === me ? 'you' : name)));
  const others = added.filter((name) => name !== by);
  const parts = [];
  if (others.length < added.length) parts.push(others.length > 0 ? `made the group with ${list(others)}` : 'made the group');
  else if (added.length > 0) parts.push(`added ${list(added)}`);
  const gone = removed.filter((name) => name !== by);
  if (gone.length > 0) parts.push(`removed ${list(gone)}`);
  if (gone.length < removed.length) parts.push('left');
  return `${sender} ${parts.join(' and ')}`;
}
