// Notifications, when the user asks for them. Browsers give them only to pages that came
// over TLS or from the same machine.

import { announce } from './dom.js';
import { isGroup } from './names.js';
import { recall, remember } from './memory.js';
import { format } from './route.js';

/** Whether the user wants notifications, and the browser gives them. */
function wanted() {
  return recall('notify', false) && globalThis.Notification?.permission === 'granted';
}

/** The button that turns them on and off. */
export class Bell {
  #button;
  #stream;

  constructor(button, stream) {
    this.#button = button;
    this.#stream = stream;
    button.hidden = !('Notification' in globalThis) || !isSecureContext;
    button.addEventListener('click', () => this.#turn());
    this.#draw();
  }

  async #turn() {
    const on = !wanted() && await Notification.requestPermission() === 'granted';
    remember('notify', on);
    announce(on ? 'Notifications are on.' : Notification.permission === 'denied' ? 'The browser does not allow notifications.' : 'Notifications are off.');
    this.#draw();
  }

  #draw() {
    const on = wanted();
    this.#stream.alert = on;
    this.#button.ariaPressed = String(on);
    this.#button.title = globalThis.Notification?.permission === 'denied' ? 'The browser does not allow notifications' : `Notifications are ${on ? 'on' : 'off'}`;
  }
}

/** Tells of messages by others, in chats that nobody looks at; open is the chat that is shown. */
export function notify(messages, me, open) {
  if (!wanted()) return;
  const latest = new Map(messages.map((message) => [message.chat, message])); // one for each chat
  for (const [chat, { sender, text }] of latest) {
    if (chat === open && !document.hidden && document.hasFocus()) continue;
    const group = isGroup(chat);
    try {
      const note = new Notification(group ? `${sender} in ${chat}` : sender, { body: text.slice(0, 200), tag: chat, icon: new URL('icon.svg', import.meta.url).href });
      note.addEventListener('click', () => {
        window.focus();
        location.hash = format({ me, ...(group ? { group: chat } : { peer: sender }) });
        note.close();
      });
    } catch {
      return; // browsers of phones have them only for workers
    }
  }
}
