// The page. It shows what the URL names, and puts the parts together.

import { account } from './account.js';
import { Conversation } from './conversation.js';
import { announce, copy } from './dom.js';
import { enter } from './enter.js';
import { Inbox, MANY } from './inbox.js';
import * as keys from './keys.js';
import { recall, remember } from './memory.js';
import { notify } from './notify.js';
import { Outbox } from './outbox.js';
import { format, parse } from './route.js';
import { Sidebar } from './sidebar.js';
import { Stream } from './stream.js';
import { Welcome } from './welcome.js';

const app = document.getElementById('app');
const signOut = await enter(app, isQuiet);
const outbox = new Outbox(account.me);
let route = { me: '', peer: '', group: '', both: false };
let session = null; // {me, stream, inbox} of route.me
let sidebar = null;
let conversation = null; // that is shown

/** Shows what the URL names. */
function show() {
  const before = route;
  const left = conversation?.chat ?? '';
  route = parse(location.hash);
  if (account.asked && (route.me !== account.me || route.both)) correct();
  conversation?.close();
  conversation = null;
  document.querySelector('dialog[open]')?.close();
  if (route.me !== before.me) become(route.me);
  if (!route.me) return showWelcome(before.me);
  if (!account.asked) remember('me', route.me);
  if (route.peer || route.group) return showConversation();
  document.body.dataset.view = 'list';
  sidebar.mark('');
  app.replaceChildren(sidebar.element, copy('nobody'));
  sidebar.focus(left);
  setTitle();
}

/** Shows to somebody who has signed in what is for them, and says so in the address. */
function correct() {
  route = { ...route, me: account.me, both: false };
  history.replaceState(null, '', format(route));
}

/** Whether nothing is lost if the page is left. */
function isQuiet() {
  const fields = [...document.querySelectorAll('input, textarea')];
  return outbox.isEmpty && !document.querySelector('dialog[open]') && fields.every(({ value }) => value === '');
}

/** Begins to follow what is new for somebody. */
function become(me) {
  session?.stream.close();
  session?.inbox.close();
  sidebar?.close();
  session = sidebar = null;
  if (!me) return;
  const stream = new Stream(me);
  const inbox = new Inbox(me, stream);
  session = { me, stream, inbox };
  sidebar = new Sidebar(session, signOut);
  inbox.addEventListener('change', setTitle);
  inbox.addEventListener('arrived', ({ detail: messages }) => arrived(messages));
  stream.run();
}

function showWelcome(me) {
  document.body.dataset.view = 'welcome';
  const welcome = new Welcome(me || recall('me', ''));
  app.replaceChildren(welcome.element);
  welcome.focus();
  setTitle();
}

async function showConversation() {
  const mine = new Conversation(route, session, outbox);
  conversation = mine;
  document.body.dataset.view = route.both ? 'both' : 'chat';
  app.replaceChildren(...(route.both ? [] : [sidebar.element]), mine.element);
  sidebar.mark('');
  setTitle();
  const opened = await mine.open();
  if (mine !== conversation) return;
  if (route.both && opened && !mine.hasBoth) return location.replace(format({ me: route.me, peer: route.peer }));
  if (opened) sidebar.mark(mine.chat);
  mine.focus();
}

/** Tells of messages by others. */
function arrived(messages) {
  const open = conversation?.chat ?? '';
  for (const { chat, sender, text } of messages) {
    if (chat === open) announce(`${sender}: ${text.slice(0, 300)}`);
  }
  notify(messages, route.me, open);
}

function setTitle() {
  const peer = route.group || route.peer;
  const name = peer ? `${route.both ? `${route.me} and ` : ''}${peer} · Chat` : 'Chat';
  const unread = session?.inbox.unread ?? 0;
  document.title = unread === 0 ? name : `(${unread < MANY ? unread : `${MANY - 1}+`}) ${name}`;
}

keys.listen({
  find() {
    if (!sidebar) return;
    if (sidebar.element.checkVisibility()) return sidebar.focusFilter();
    window.addEventListener('hashchange', () => sidebar?.focusFilter(), { once: true }); // once it is shown
    location.hash = format({ me: route.me });
  },
  out() {
    if (sidebar?.fold() || conversation?.fold() || !conversation) return;
    location.hash = format({ me: route.me });
  },
});
window.addEventListener('hashchange', show);
show();
