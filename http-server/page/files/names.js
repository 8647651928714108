// Names of members and chats. The service compares names without case (PRECIS
// UsernameCaseMapped), and names each chat by its members' canonical names. It gives a
// sender's name as the sender wrote it.

/**
 * The canonical form of a name. For names that the service accepts it is the
 * service's, except for some rare letters: enough to find things again in this browser.
 */
export function fold(name) {
  return name.trim().normalize('NFKC').toLowerCase().normalize('NFC');
}

/** The name by which the service knows the chat of two members. */
export function chatOf(me, peer) {
  return `${me}:${peer}`;
}

/** The key by which the browser keeps what a member has of a chat. */
export function keyOf(me, peer) {
  return `${fold(me)}:${fold(peer)}`;
}

/** Whether a message of the chat of me and peer is mine. */
export function isMine(message, me, peer) {
  if (message.sender === me) return true;
  if (message.sender === peer) return false;
  return member(message.chat, message.sender) === myself(message.chat, me, peer);
}

/** The other member of a chat, by its canonical name. */
export function peerIn(chat, me) {
  const [first, second] = chat.split(':');
  return first === fold(me) ? second : first;
}

/** The canonical name of a sender. */
function member(chat, sender) {
  const [first, second] = chat.split(':');
  const folded = fold(sender);
  return first === second ? first : folded;
}

/** My canonical name in a chat, told by my name, or if that is not enough by the other's. */
function myself(chat, me, peer) {
  const [first, second] = chat.split(':');
  if (first === second || fold(me) === first || fold(peer) === second) return first;
  return second;
}

/** Says what is wrong with a name, as far as the page can tell, or ''. */
export function problemOf(name) {
  if (name.trim() === '') return 'Please write a name.';
  if (/[:\uFF1A]/.test(name)) return 'A name must not contain a colon.';
  if (/\s/.test(name.trim())) return 'A name must not contain spaces.';
  return '';
}
