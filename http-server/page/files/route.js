// The fragment of the URL says what the page shows: /#me=john&with=doe, and view=both
// for both sides of the chat. So every view can be linked to, and the browser's own
// Back works.

import { fold } from './names.js';

/** Returns {me, peer, both} of a fragment; names that are not given are ''. */
export function parse(hash) {
  const params = new URLSearchParams(hash.replace(/^#/, ''));
  const name = (param) => (params.get(param) ?? '').trim();
  const [me, peer] = [name('me'), name('with')];
  return { me, peer, both: params.get('view') === 'both' && peer !== '' && fold(me) !== fold(peer) };
}

/** Returns the fragment of a view. */
export function format({ me, peer = '', both = false }) {
  const params = new URLSearchParams({ me });
  if (peer) params.set('with', peer);
  if (both) params.set('view', 'both');
  return `#${params}`;
}
