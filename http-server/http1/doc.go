// Package http1 is Hertz's HTTP/1 with what it lacks: strict framing, bounds on clients
// that are slow or too many, answers to requests that cannot be read, a stop that loses no
// answer, and requests that leave Hertz and come back.
//
// A connection ([Conn]) is a client's. The listener ([Listener]) gives connections to
// Hertz. An exchange ([Exchange]) is Hertz's view of a connection while it serves it.
// To park a request is to take it, and its connection, out of Hertz unanswered. A guest
// ([Guest]) waits for a parked request.
//
// A listener's connections may be by TLS. Their handshakes are done before Hertz gets them
// (greet in secure.go): Hertz would find a client that speaks no TLS to be one that sends
// what cannot be read.
//
// A head is the request line and the header fields of a request. Framing is what says
// where a request ends. Hertz (v0.10.4) takes framing that a proxy may read differently,
// and then a client can hide a request in another's body. So the exchange checks each head
// before Hertz sees it ([Exchange.Peek], strict.go, and parseHead in head.go). RFC 9112
// says what is forbidden. A chunked body has a reader of its own (chunked.go). The package
// http1test has the cases.
//
// A request that waits in one of Hertz's handlers (v0.10.4) costs 15 KB of memory: the
// stack of a goroutine that has made a call, buffers, the request's context. So it does
// not wait there:
//
//  1. The handler gives the request a guest ([Exchange.LetIn]) and parks it
//     ([Exchange.Park], exchange.go), with the bytes of a short request to come back
//     with.
//  2. Hertz believes that the handler has answered, and writes the answer. The exchange
//     drops it ([Exchange.WriteBinary]).
//  3. Park has told Hertz to close the connection, so Hertz stops serving it. The
//     exchange leaves to the connection the guest, the short request, and what Hertz
//     has read of further requests (end in exchange.go).
//  4. Hertz closes the connection. The connection does not close: it starts a goroutine
//     in which the guest waits ([Conn.Close] and wait in conn.go).
//  5. When the guest has waited, [Listener.Accept] returns the connection as if it were
//     new (giveBack in listener.go). Hertz reads the short request from it, then what
//     the client has sent meanwhile ([Conn.Read]).
//  6. The request passes all middlewares to its handler. The handler finds the guest
//     ([Exchange.Guest]), and answers, or parks the request again.
//  7. When the request is answered, the guest leaves (letGo in exchange.go). It also
//     leaves in step 5 if the listener is closed: then the connection closes, too.
package http1
