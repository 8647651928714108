// Package store keeps messages in a SQL database through GORM: migrations, the commit
// of one batch of messages, the read of one page. Which sends make a batch is the
// sequencer's business; what a valid message is, package chat's.
//
// Its nouns:
//
//   - A lane is one of 64 stripes of chats. Its row in the table lanes is the lock and the
//     clock of its chats: it holds the last send_time in any of them.
//   - A send is a message on its way into the store. A batch is the sends of one commit,
//     which is one transaction.
//   - A key is an idempotency key. Its row in the table send_keys tells which message it
//     stands for.
//   - A page is a part of a chat, read by the clustered index.
//   - An inbox is the list of a member's chats, each with its last message. A place is a
//     position in that list. The rows of a chat in the table members, one for each member,
//     say how new the chat is, at most a minute late.
//   - A sync is what is new for a member in all its chats. Its cursor is the time of each
//     lane. A window is the part of a chat's time of which a page tells.
//   - A group is a chat whose members come and go. A change is the message that says so. A
//     stay is the time of a member in a group, and a seat the place of a member in a chat.
//   - A mark says up to where a member has read a chat.
//   - A lane is accounted for if its chats' rows say what earlier versions of this program
//     have stored. A takeover makes it so.
//   - A lane read is one SELECT of the rows of all lanes.
//   - A read slot is the right to use a connection for a page, or for a snapshot: a
//     transaction that reads what memory does not have, as it is at one moment.
//   - A server takes writes or is read-only: it was demoted, or is a replica. An endpoint
//     is the address at which a pool of connections reaches servers, and a generation of
//     its connections ends with each demotion.
package store
