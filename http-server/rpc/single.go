package rpc

import (
	"context"

	"github.com/cloudwego/kitex/client/callopt"

	"example.com/im/idl"
	"example.com/im/idl/gen/im"
)

// method is a method of Kitex's client.
type method[Q any, A idl.Answer] func(context.Context, Q, ...callopt.Option) (A, error)

// alone makes an attempt of a call that has one request.
func alone[Q any, A idl.Answer](ctx context.Context, a attempt, req Q, try method[Q, A]) (A, error) {
	return resultOf(try(withRoute(ctx, a.route), req, callopt.WithRPCTimeout(a.share)))
}

// single makes a call that has one request.
func single[Q any, A idl.Answer](ctx context.Context, c *Client, spec callSpec, req Q, try method[Q, A]) (A, error) {
	return call(ctx, c, spec, func(a attempt) (A, error) { return alone(ctx, a, req, try) })
}

// safe says how a call is to be made that may be repeated.
func (c *Client) safe(method string, lane int) callSpec {
	return callSpec{method: method, lane: lane, attempts: safeAttempts, timeout: c.timeout}
}

// costly is safe for a call whose statements may be long: what took all its time in the
// database once will do so again.
func (c *Client) costly(method string, lane int) callSpec {
	spec := c.safe(method, lane)
	spec.costly = true
	return spec
}

// Chats fetches a page of a member's chats. The lane says which instance is asked.
func (c *Client) Chats(ctx context.Context, lane int, req *im.ChatsRequest) (*im.ChatsResponse, error) {
	return single(ctx, c, c.costly("Chats", lane), req, c.im.Chats)
}

// Sync fetches what is new for a member. The lane says which instance is asked.
func (c *Client) Sync(ctx context.Context, lane int, req *im.SyncRequest) (*im.SyncResponse, error) {
	return single(ctx, c, c.costly("Sync", lane), req, c.im.Sync)
}

// Members fetches a page of the members of a chat in the lane.
func (c *Client) Members(ctx context.Context, lane int, req *im.MembersRequest) (*im.MembersResponse, error) {
	return single(ctx, c, c.safe("Members", lane), req, c.im.Members)
}

// Read says how far a member has read in a chat in the lane. To say it twice is to say it
// once.
func (c *Client) Read(ctx context.Context, lane int, req *im.ReadRequest) (*im.ReadResponse, error) {
	spec := c.safe("Read", lane)
	spec.stores = true
	return single(ctx, c, spec, req, c.im.Read)
}

// ChangeMembers changes who is in a group, whose name is in the lane. An error with the
// code timeout leaves open whether it is done; every other says that it is not.
func (c *Client) ChangeMembers(ctx context.Context, lane int, req *im.ChangeMembersRequest) (*im.ChangeMembersResponse, error) {
	spec := c.safe("ChangeMembers", lane)
	spec.stores = true
	if !req.IsSetIdempotencyKey() {
		spec.attempts = keylessAttempts
	}
	return single(ctx, c, spec, req, c.im.ChangeMembers)
}
