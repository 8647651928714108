// Package wait holds the pulls that wait for a message, and wakes them.
//
// A reader ([Reader]) is a pull that waits for a message in its chat; it is a guest of
// package http1. All readers are in the room ([Room]). A lane is a stripe of chats, and
// its time is that of their messages. An interval is a part of a lane's time. News is
// what an rpc-server tells of commits: of its own by chat, of those that others have
// made by interval. A source is an rpc-server whose news the room follows, while there
// are readers.
//
//  1. The handler of a pull (page in gateway/pull.go) enters the room, and pulls after
//     that ([Room.Enter], room.go). So it cannot miss a message that arrives in between.
//  2. If the pull finds nothing, the handler parks the request. Package http1 then calls
//     [Reader.Wait] (reader.go), in which the reader sleeps.
//  3. A source tells news (ask in source.go), and the room wakes the readers concerned
//     (take in news.go, wake in room.go). A drain wakes all readers ([Room.Drain]).
//  4. A reader that was woken waits for its turn, because only some may pull at a time
//     (turn in reader.go). Then Wait returns, and package http1 brings the request back
//     to its handler. It does so as well when the reader's time is up, its client
//     leaves, or the gateway drains.
//  5. The handler asks [Reader.MayPull]. A reader that was woken pulls again. If it finds
//     nothing and has time left, it gives up its turn ([Reader.Pulled]) and goes on with
//     step 2. Any other reader gets an empty page.
//  6. When the request is answered, the reader leaves the room ([Reader.Leave]).
package wait
