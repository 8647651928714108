package request

import (
	"time"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/param"
	"example.com/im/idl/chat"
)

// callerKey is where a request has its caller, and the parameter by which a parked request
// comes back with it.
const callerKey = "caller"

// Caller is who makes a call. It is the zero value where nobody is asked who he is: then
// any name may stand in a call.
type Caller struct {
	Member string    // in canonical form; "": nobody is asked
	Until  time.Time // the end of its token
}

// SetCaller says who makes a call.
func SetCaller(c *app.RequestContext, who Caller) { c.Set(callerKey, who) }

// CallerOf returns who makes a call.
func CallerOf(c *app.RequestContext) Caller {
	who, _ := c.Value(callerKey).(Caller)
	return who
}

// Asked reports whether the caller has shown who it is.
func (who Caller) Asked() bool { return who.Member != "" }

// Name returns the caller as rpc-servers are told of it: nil if nobody is asked.
func (who Caller) Name() *string {
	if !who.Asked() {
		return nil
	}
	return &who.Member
}

// Self returns the member in whose name the call is made, which is the parameter field, in
// canonical form. A caller that has shown who it is may leave the name out, and must not
// give another.
func (who Caller) Self(ps param.Set, field string) (string, error) {
	if who.Asked() && !ps.Has(field) {
		return who.Member, nil
	}
	member, err := memberName(ps, field)
	if err == nil && who.Asked() && member != who.Member {
		err = &fault.Error{Code: fault.Forbidden, Message: field + ": must be whom the token names, or be left out. Nothing was stored"}
	}
	return member, err
}

// WrittenSelf is Self as it was written.
func (who Caller) WrittenSelf(ps param.Set, field string) (string, error) {
	if member, err := who.Self(ps, field); err != nil || !ps.Has(field) {
		return member, err
	}
	return ps.Text(field)
}

// errNotYours answers a caller that asks for what is not for it. It is the same whether
// or not there is such a chat.
var errNotYours = &fault.Error{Code: fault.Forbidden, Message: "only members of this chat may do that. Nothing was stored"}

// enter refuses a caller that is not a member of a chat of two. Who is in a group only
// rpc-servers know.
func (who Caller) enter(name chat.Name) error {
	if who.Asked() && !name.IsGroup() && !name.Has(who.Member) {
		return errNotYours
	}
	return nil
}

// Chat returns the chat of a call, in canonical form, unless the caller must not enter it.
func (who Caller) Chat(ps param.Set) (chat.Name, error) {
	name, err := ChatName(ps)
	if err == nil {
		err = who.enter(name)
	}
	return name, err
}

// MayKnow returns an error if an rpc-server has not looked whether the caller is in the
// group that it tells of.
func (who Caller) MayKnow(name chat.Name, checked bool) error {
	if who.Asked() && name.IsGroup() && !checked {
		return &fault.Error{Code: fault.Unavailable, Message: "an rpc-server of an earlier version does not look who may read a group: try again"}
	}
	return nil
}

// Shown returns the error of an rpc-server as the caller may see it. Whether there is a
// group only its members may know.
func (who Caller) Shown(err error) error {
	if !who.Asked() || err == nil {
		return err
	}
	if code := fault.Of(err).Code; code == fault.NotFound || code == fault.Forbidden {
		return errNotYours
	}
	return err
}

// Patience returns how long the caller may wait, which wants to wait for so long: its token
// must not end before.
func (who Caller) Patience(wanted time.Duration) time.Duration {
	if who.Asked() {
		return max(0, min(wanted, time.Until(who.Until)))
	}
	return wanted
}
