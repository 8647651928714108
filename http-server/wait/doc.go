// Package wait is the readers that wait for a message, and who wakes them.
//
// A reader is a pull that found nothing and waits for a message in its chat; it is a
// guest of package http1. All readers are in the room. News is what an rpc-server tells
// of commits: of its own, by chat, and of those that others have made, by interval. An
// interval is a part of a lane's time. A source is an rpc-server whose news the room
// follows, while there are readers.
//
//   - What parks: the handler of a pull. It enters the room first and pulls then, so
//     that it cannot miss what arrives in between ([Room.Enter]). If there is nothing,
//     it parks the request, and the reader waits ([Reader.Wait]).
//   - Who wakes: the news of a source, or the room when it drains ([Room.Drain]).
//   - How it comes back: Wait returns, and the request is back in its handler. A reader
//     that was woken may pull; one whose time is up is told that there is nothing
//     ([Reader.MayPull]).
package wait
