// The dialog that makes a group.

import { change } from './api.js';
import { namesIn, openDialog, perform } from './dialog.js';
import { find, say } from './dom.js';
import { hintAt } from './hint.js';
import { problemOf } from './names.js';
import { format } from './route.js';

export class NewGroup {
  /** me makes the group, and is its first member. */
  constructor(me) {
    const dialog = openDialog('new-group');
    const form = find(dialog, 'form');
    form.noValidate = true; // the messages are our own
    hintAt(form);
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      const chat = form.elements.group.value.trim();
      const add = namesIn(form.elements.names.value);
      const problem = problemOf(chat);
      say(find(dialog, '.problem'), problem);
      if (problem) return form.elements.group.focus();
      const made = await perform(dialog, JSON.stringify([chat, add]), (key) => change({ chat, by: me, add: [me, ...add], key }));
      if (!made) return;
      dialog.close();
      location.hash = format({ me, group: chat });
    });
    form.elements.group.focus();
  }
}
