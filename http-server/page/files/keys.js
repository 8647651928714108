// Keys for the whole page: Ctrl+K or / lead to the filter of the list, Escape leads out.

/** find() focuses the filter; out() leaves what is shown. */
export function listen({ find, out }) {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]')) return;
    if (isFind(event)) {
      event.preventDefault();
      find();
    } else if (event.key === 'Escape') {
      out();
    }
  });
}

function isFind(event) {
  if (event.altKey || event.shiftKey) return false;
  if (event.ctrlKey || event.metaKey) return event.key === 'k';
  return event.key === '/' && !event.target.matches('input, textarea');
}
