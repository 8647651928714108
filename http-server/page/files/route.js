// The fragment of the URL says what the page shows: /#me=john&with=doe, or group=team,
// and view=both for both sides of a chat of two. So every view can be linked to, and the
// browser's own Back works.

/** Returns {me, peer, group, both} of a fragment; names that are not given are ''. */
export function parse(hash) {
  const params = new URLSearchParams(hash.replace(/^#/, ''));
  const name = (param) => (params.get(param) ?? '').trim();
  const group = name('group');
  const peer = group ? '' : name('with');
  return { me: name('me'), peer, group, both: params.get('view') === 'both' && peer !== '' };
}

/** Returns the fragment of a view. */
export function format({ me, peer = '', group = '', both = false }) {
  const params = new URLSearchParams({ me });
  if (peer) params.set('with', peer);
  if (group) params.set('group', group);
  if (both) params.set('view', 'both');
  return `#${params}`;
}
