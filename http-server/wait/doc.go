// Package wait holds the calls that wait for something new, and wakes them.
//
// A reader ([Reader]) is a pull that waits for a message in its chat, or a sync that waits
// for anything in the chats of its member. It is a guest of package http1. To look is to
// ask an rpc-server: to pull, or to sync. All readers are in the room ([Room]). News is
// what an rpc-server tells of commits: of its own by chat, of those that others have made
// by interval. A source is an rpc-server whose news the room follows, while there are
// readers.
//
// A topic is something of which news tells. A reader waits for a few topics, and each of
// them wakes it (topic.go). A lane is a stripe of chats, and its time is that of their
// messages. An interval is a part of a lane's time.
//
//	        waits for                        news of it
//	pull    messages of its chat             chats
//	sync    what happens in chats of two     chats and read: their names have the member
//	        what happens in its groups       chats and read: each look tells the groups
//	        its member coming into a group   added
//	both    what others do in its lanes      others: the lanes of a sync are all
//
// The way of a reader:
//
//  1. The handler (page in gateway/pull.go, look in gateway/sync.go) enters the room, and
//     looks after that ([Room.EnterPull], [Room.EnterSync]). So it cannot miss what happens
//     in between. A sync knows its member's groups only once it has looked. Until then it
//     waits for all groups ([Reader.SetGroups]).
//  2. If the reader finds nothing, the handler parks the request. Package http1 then calls
//     [Reader.Wait] (reader.go), in which the reader sleeps.
//  3. A source tells news (ask in source.go), and the room wakes the readers concerned
//     (take in news.go, wake in room.go). A drain wakes all readers ([Room.Drain]).
//  4. A reader that was woken waits for its turn, because only some may look at a time
//     (turn in reader.go). Then Wait returns, and package http1 brings the request back
//     to its handler. It does so as well when the reader's time is up, its client
//     leaves, or the gateway drains.
//  5. The handler asks [Reader.MayLook]. A reader that was woken looks again. If it finds
//     nothing and has time left, it gives up its turn ([Reader.Nothing]) and goes on with
//     step 2. So it does, for some seconds, if its look fails ([Reader.Failed]), and is
//     woken to look again. Any other reader gets an empty page, or the failure.
//  6. When the request is answered, the reader leaves the room ([Reader.Leave]).
package wait
