// Package http1 is Hertz's HTTP/1 with what it lacks: bounds on clients that are slow
// or too many, answers to requests that cannot be read, a stop that loses no answer,
// and requests that leave Hertz and come back.
//
// A connection is a client's. An exchange is the view that Hertz has of a connection
// while it serves it. A guest is what a request waits as, outside of Hertz.
//
// A request that waits in one of Hertz's handlers (v0.10.4) costs 15 KB of memory: the
// stack of a goroutine that has made a call, buffers, the request's context. So it does
// not wait there:
//
//  1. The handler lets a guest in, and parks the request: it gives the bytes of a short
//     request to come back with, and writes no answer ([Exchange.LetIn], [Exchange.Park]).
//  2. Hertz believes that it has answered, and closes the connection. The connection
//     does not close: it lets the guest wait, in a goroutine of its own ([Guest]).
//  3. When the guest has waited, the listener accepts the connection as if it were a
//     new one, and Hertz reads the short request from it, then what the client has
//     sent meanwhile.
//  4. The request passes all middlewares to its handler, which finds the guest
//     ([Exchange.Guest]), and answers, or parks the request again.
//  5. When the request is answered, the guest leaves.
package http1
