// The hint that a name in a form may not be the one that it looks like.

import { namesIn } from './dialog.js';
import { find, say } from './dom.js';
import { MIXED, mixesScripts } from './scripts.js';

/**
 * Keeps the hint of a form up to date, while names are written into the fields that it
 * describes. Returns what does so once.
 */
export function hintAt(form) {
  const hint = find(form, '.mixed');
  const fields = [...form.querySelectorAll(`[aria-describedby="${hint.id}"]`)];
  const draw = () => say(hint, fields.some(({ value }) => namesIn(value).some(mixesScripts)) ? MIXED : '');
  form.addEventListener('input', draw);
  draw();
  return draw;
}
