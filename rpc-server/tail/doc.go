// Package tail answers pulls of a chat's newest messages from memory, where it can
// prove that the database would answer the same. It answers the other pulls from the
// database. It keeps the newest messages of recently pulled chats, bounded in bytes.
//
// Its nouns:
//
//   - A lane is one of 64 stripes of chats. Its row in the database holds its last
//     send_time, and is the lock under which commits move that.
//   - A commit is in flight from [Tail.Begin] to [Tail.End]. Each commit here is one of
//     this instance, unless it is called another instance's.
//   - An entry is the memory of one chat: its newest messages, from its floor on. A
//     load makes it: the first pull of the chat reads the newest page, and fills the
//     entry with it.
//   - A window is the part of an entry that answers one pull.
//   - The memory of a lane is complete up to a send_time: below that it misses nothing.
//     To forget a lane is to drop all its entries.
//   - A lane read is one SELECT of the rows of all lanes. Pulls share it.
//   - The index is the database's answer: a page, read by the clustered index.
//
// The proof is one lane read that started after the pull had come. A lane's row is
// locked until its messages are committed. So a plain SELECT, at READ COMMITTED or
// above, shows a lane at T if and only if it shows all its messages up to T, and none
// will ever be added at or below T. Hence:
//
//   - Whatever any instance acknowledged before the pull came is at or below what the
//     lane read shows. If the lane's memory is complete up to there, memory holds it. (On
//     Galera this needs wsrep_sync_wait, which the store sets.)
//   - If the lane read shows more than memory has, the lane is forgotten. A commit that
//     comes after the lane read does not concern this pull.
//   - Whatever else happens, complete stays below the database's value, and the next
//     lane read shows it: a commit with an unknown outcome, a commit that failed, a lost
//     connection, a crash of the database. So none of them needs a rule of its own.
//
// Page reads need no proof: they, too, start after the pull has come.
package tail
