// Package store keeps messages in a SQL database through GORM: migrations, the commit
// of one batch of messages, the read of one page. Which sends make a batch is the
// sequencer's business; what a valid message is, package chat's.
//
// Its nouns:
//
//   - A lane is one of 64 groups of chats. Its row in the table lanes is the lock and the
//     clock of its chats: it holds the last send_time in any of them.
//   - A send is a message on its way into the store. A batch is the sends of one commit,
//     which is one transaction.
//   - A key is an idempotency key. Its row in the table send_keys tells which message it
//     stands for.
//   - A page is a part of a chat, read by the clustered index.
//   - An inbox is the list of a member's chats, each with its last message. A place is a
//     position in that list.
//   - A chat is listed if the table members has its rows, one for each member. A newcomer
//     is a chat that is not known to be listed. The backfill lists the chats of older
//     versions.
//   - A lane read is one SELECT of the rows of all lanes.
//   - A read slot is the right to use a connection for a page or an inbox.
//   - A server takes writes or is read-only: it was demoted, or is a replica. An endpoint
//     is the address at which a pool of connections reaches servers, and a generation of
//     its connections ends with each demotion.
package store
