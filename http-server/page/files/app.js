// The page. It shows what the URL names, and puts the parts together.

import { announce, copy, find } from './dom.js';
import { Feed } from './feed.js';
import { Chats } from './known.js';
import { recall, remember } from './memory.js';
import { chatOf, isMine } from './names.js';
import { Outbox } from './outbox.js';
import { Pane } from './pane.js';
import { format, parse } from './route.js';
import { Sidebar } from './sidebar.js';
import { Welcome } from './welcome.js';

const app = document.getElementById('app');
const outbox = new Outbox();
let route = { me: '', peer: '', both: false };
let shown = []; // what is to be closed when another view is shown
let chats = null; // of route.me
let sidebar = null;
let unseen = 0; // messages that came while the page was hidden

/** Shows what the URL names. */
function show() {
  const before = route;
  route = parse(location.hash);
  for (const part of shown.splice(0)) part.close();
  if (route.me !== before.me) become(route.me);
  if (!route.me) return showWelcome(before.me);
  remember('me', route.me);
  if (route.peer) return showChat();
  document.body.dataset.view = 'list';
  sidebar.mark('');
  app.replaceChildren(sidebar.element, copy('nobody'));
  sidebar.focus(before.peer);
  setTitle();
}

/** Makes the list of somebody's chats. */
function become(me) {
  chats?.close();
  sidebar?.close();
  chats = sidebar = null;
  if (!me) return;
  chats = new Chats(me);
  sidebar = new Sidebar(me, chats);
  chats.run();
}

function showWelcome(me) {
  document.body.dataset.view = 'welcome';
  const welcome = new Welcome(me || recall('me', ''));
  app.replaceChildren(welcome.element);
  welcome.focus();
  setTitle();
}

function showChat() {
  const { me, peer, both } = route;
  document.body.dataset.view = both ? 'both' : 'chat';
  sidebar.mark(peer);
  const feed = new Feed(chatOf(me, peer));
  const sides = both ? [[me, peer], [peer, me]] : [[me, peer]];
  const panes = sides.map(([writer, reader]) => new Pane({ me: writer, peer: reader, both }, feed, outbox));
  app.replaceChildren(...(both ? [stage(panes)] : [sidebar.element, main(panes[0])]));
  for (const pane of panes) pane.shown();
  watch(feed);
  feed.run();
  shown.push(feed, ...panes);
  panes[0].focus();
  setTitle();
}

/** Notes and announces the messages that come. */
function watch(feed) {
  const { me, peer, both } = route;
  let first = true;
  feed.addEventListener('newer', ({ detail: messages }) => {
    chats.note(peer, messages, !document.hidden); // the chat exists, even if it is empty
    const news = first ? [] : messages.filter((message) => both || !isMine(message, me, peer));
    first = false;
    for (const { sender, text } of news) announce(`${sender}: ${text.slice(0, 300)}`);
    if (document.hidden) unseen += news.length;
    setTitle();
  });
}

function main(pane) {
  const element = document.createElement('main');
  element.className = 'chat';
  element.append(pane.element);
  return element;
}

/** Returns both sides of a chat. If only one has room, a switch says which is shown. */
function stage(panes) {
  const { me, peer } = route;
  const element = copy('stage');
  find(element, 'h1').textContent = `${me} and ${peer}`;
  find(element, '.leave').href = format({ me, peer });
  find(element, '.panes').append(...panes.map((pane) => pane.element));
  const buttons = [me, peer].map((name, i) => {
    const button = document.createElement('button');
    button.textContent = name;
    button.addEventListener('click', () => {
      choose(i);
      panes[i].focus();
    });
    return button;
  });
  const choose = (side) => buttons.forEach((button, i) => {
    button.ariaPressed = String(i === side);
    panes[i].element.classList.toggle('behind', i !== side);
  });
  choose(0);
  find(element, '.switch').append(...buttons);
  return element;
}

function setTitle() {
  const name = route.peer ? `${route.both ? `${route.me} and ` : ''}${route.peer} · Chat` : 'Chat';
  document.title = unseen > 0 ? `(${unseen}) ${name}` : name;
}

document.addEventListener('visibilitychange', () => {
  if (document.hidden) return;
  unseen = 0;
  if (route.peer) chats.read(route.peer);
  setTitle();
});
window.addEventListener('hashchange', show);
show();
