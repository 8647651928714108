// Package news tells watchers what has been committed: which chats have got messages
// by the commits of this instance, and which lanes other instances have moved. It keeps
// the latest news only. A watcher that has missed some is told so, and reads for itself.
//
// Its nouns:
//
//   - A lane is one of 64 stripes of chats. Its row in the database holds its last
//     send_time, which each commit to one of its chats moves.
//   - An [Interval] is a part of a lane's time, in which the lane has moved.
//   - A watcher is a caller of [News.Watch]: a gateway at which readers wait.
//   - A piece of news is a chat that has got a message, a chat in which somebody has read
//     on, a member who has come into a group, or an interval. The ring keeps the latest
//     pieces, and a [Place] is a position in it.
//   - A commit of this instance is in flight from [News.Begin] to [News.End].
//   - A lane read is one SELECT of the rows of all lanes. It shows what other instances
//     have committed, though not in which chats.
package news
