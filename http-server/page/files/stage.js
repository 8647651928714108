// Both sides of a chat. If only one has room, a switch says which is shown.

import { copy, find } from './dom.js';
import { format } from './route.js';

/** Returns the element with the panes of me and peer. */
export function stage({ me, peer }, panes) {
  const element = copy('stage');
  find(element, 'h1').textContent = `${me} and ${peer}`;
  find(element, '.leave').href = format({ me, peer });
  find(element, '.panes').append(...panes.map((pane) => pane.element));
  const buttons = [me, peer].map((name, i) => {
    const button = document.createElement('button');
    button.textContent = name;
    button.addEventListener('click', () => {
      choose(i);
      panes[i].shown();
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
