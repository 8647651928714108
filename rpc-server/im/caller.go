package im

import (
	"context"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/store"
)

// checkCaller refuses a caller who is no member of the chat that a call has read; nil is a
// caller whom nobody has asked who he is. It comes after the read: who is a member then may
// know all that was read.
func (h *handler) checkCaller(ctx context.Context, name chat.Name, caller *string) error {
	if caller == nil {
		return nil
	}
	member, err := chat.MemberIn("caller", *caller)
	switch {
	case err != nil:
		return err
	case name.IsGroup():
		return h.store.CheckMember(ctx, name, member)
	case !name.Has(member):
		return store.ErrNotMember
	}
	return nil
}

// checked returns what an answer says of the caller: nil if nobody asked.
func checked(caller *string) *bool {
	if caller == nil {
		return nil
	}
	return new(true)
}
