// What the views need of the DOM. Only textContent puts texts into the page.

import { canonical } from './names.js';

/** Hues that look well side by side, without the red of errors. */
const HUES = ['345', '75', '52', '320', '155', '305', '190', '262', '215', '235', '285', '110'];

/** Returns a copy of what is in a template, which must be one element. */
export function copy(template) {
  return document.getElementById(template).content.firstElementChild.cloneNode(true);
}

/** Returns the element in root that a selector names. */
export function find(root, selector) {
  return root.querySelector(selector);
}

/** Sets text, and hides an element that has none. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = text === '';
}

/** Shows a name's first letter on a colour of its own. */
export function paintAvatar(element, name) {
  element.textContent = [...name][0]?.toUpperCase() ?? '';
  tint(element, name);
}

/** Gives an element the hue of a name, for the style sheets. */
export function tint(element, name) {
  let hash = 0;
  for (const letter of canonical(name)) hash = (hash * 29 + letter.codePointAt(0)) % 9973;
  element.style.setProperty('--hue', HUES[hash % HUES.length]);
}

/** Tells users of screen readers a text, even if it was told just before. */
export function announce(text) {
  const announcer = document.getElementById('announcer');
  const line = document.createElement('span');
  line.textContent = text;
  announcer.append(line);
  while (announcer.childElementCount > 5) announcer.firstElementChild.remove();
}
