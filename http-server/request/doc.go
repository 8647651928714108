// Package request reads what the calls of the API have in common: the id of a request, its
// body, the names in it, its key, and who makes it.
//
// A caller is who makes a call. Where callers have to show who they are, it comes from a
// token. The names of a call are checked against it. A request that waits for something new
// is parked, and later comes back as a short one.
package request
