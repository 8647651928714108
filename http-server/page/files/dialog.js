// Dialogs: a template over the page. Escape, or the button with the name close, ends one.

import { ApiError, newKey } from './call.js';
import { copy, find, say } from './dom.js';

/** Shows a copy of a template, which is a <dialog>, until it is closed. */
export function openDialog(template) {
  const dialog = copy(template);
  document.body.append(dialog);
  dialog.addEventListener('close', () => dialog.remove()); // the browser has given the focus back
  find(dialog, '[name="close"]').addEventListener('click', () => dialog.close());
  say(find(dialog, '.problem'), '');
  dialog.showModal();
  return dialog;
}

/** Returns the names in a text: between spaces, commas and semicolons. */
export function namesIn(text) {
  return text.split(/[\s,;]+/).filter((name) => name !== '');
}

/**
 * Does what a dialog asks the service for, with the buttons out of use meanwhile, and says
 * why it failed. work(key) gets a key that stays the same while the same work is tried
 * again. Returns whether it succeeded.
 */
export async function perform(dialog, what, work) {
  const problem = find(dialog, '.problem');
  const buttons = [...dialog.querySelectorAll('button:not([name="close"])')];
  if (dialog.dataset.what !== what) Object.assign(dialog.dataset, { what, key: newKey() });
  say(problem, '');
  for (const button of buttons) button.disabled = true;
  try {
    await work(dialog.dataset.key);
    delete dialog.dataset.what;
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (!error.passing) delete dialog.dataset.what;
    say(problem, error.passing ? `${error.message} Please try again.` : error.message);
    return false;
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}
