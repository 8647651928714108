// Addresses in a text become links: http and https alone. The text stays what it is.

// An address ends before a space, a quotation mark, and letters that turn the direction of a text.
const ADDRESS = /\bhttps?:\/\/[^\s<>"'`\u00ab\u00bb\u2018-\u201f\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gi;
const PAIRS = { ')': '(', ']': '[', '}': '{' };

/** Puts a text into an element, with its addresses as links. */
export function write(element, text) {
  const parts = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    const address = trim(found);
    const link = linkTo(address);
    if (!link) continue;
    parts.push(text.slice(end, index), link);
    end = index + address.length;
  }
  parts.push(text.slice(end));
  element.replaceChildren(...parts.filter((part) => part !== ''));
}

/** Leaves out what ends the sentence around an address, and a bracket that begins outside it. */
function trim(address) {
  for (;;) {
    const last = address.at(-1);
    const opening = PAIRS[last];
    const outside = opening && address.split(opening).length < address.split(last).length;
    if (!outside && !/[.,;:!?…*_~]/.test(last)) return address;
    address = address.slice(0, -1);
  }
}

function linkTo(address) {
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) return null;
  const link = document.createElement('a');
  link.href = address;
  link.target = '_blank';
  link.rel = 'noopener noreferrer';
  link.textContent = address;
  return link;
}
