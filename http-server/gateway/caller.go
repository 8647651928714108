package gateway

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

// A caller is who makes a call. It is the zero value where nobody is asked who he is: then
// any name may stand in a call.
type caller struct {
	member string    // in canonical form; "": nobody is asked
	until  time.Time // the end of its token
}

func setCaller(c *app.RequestContext, who caller) { c.Set(callerKey, who) }

// callerOf returns who makes a call.
func callerOf(c *app.RequestContext) caller {
	who, _ := c.Value(callerKey).(caller)
	return who
}

// asked reports whether the caller has shown who it is.
func (who caller) asked() bool { return who.member != "" }

// name returns the caller as rpc-servers are told of it: nil if nobody is asked.
func (who caller) name() *string {
	if !who.asked() {
		return nil
	}
	return &who.member
}

// self returns the member in whose name the call is made, which is the parameter field, in
// canonical form. A caller that has shown who it is may leave the name out, and must not
// give another.
func (who caller) self(ps param.Set, field string) (string, error) {
	if who.asked() && !ps.Has(field) {
		return who.member, nil
	}
	member, err := memberName(ps, field)
	if err == nil && who.asked() && member != who.member {
		err = &fault.Error{Code: fault.Forbidden, Message: field + ": must be whom the token names, or be left out. Nothing was stored"}
	}
	return member, err
}

// writtenSelf is self as it was written.
func (who caller) writtenSelf(ps param.Set, field string) (string, error) {
	if member, err := who.self(ps, field); err != nil || !ps.Has(field) {
		return member, err
	}
	return ps.Text(field)
}

// errNotYours answers a caller that asks for what is not for it. It is the same whether
// or not there is such a chat.
var errNotYours = &fault.Error{Code: fault.Forbidden, Message: "only members of this chat may do that. Nothing was stored"}

// enter refuses a caller that is not a member of a chat of two. Who is in a group only
// rpc-servers know.
func (who caller) enter(name chat.Name) error {
	if who.asked() && !name.IsGroup() && !name.Has(who.member) {
		return errNotYours
	}
	return nil
}

// chat returns the chat of a call, in canonical form, unless the caller must not enter it.
func (who caller) chat(ps param.Set) (chat.Name, error) {
	name, err := chatName(ps)
	if err == nil {
		err = who.enter(name)
	}
	return name, err
}

// mayKnow returns an error if an rpc-server has not looked whether the caller is in the
// group that it tells of.
func (who caller) mayKnow(name chat.Name, checked bool) error {
	if who.asked() && name.IsGroup() && !checked {
		return &fault.Error{Code: fault.Unavailable, Message: "an rpc-server of an earlier version does not look who may read a group: try again"}
	}
	return nil
}

// shown returns the error of an rpc-server as the caller may see it. Whether there is a
// group only its members may know.
func (who caller) shown(err error) error {
	if !who.asked() || err == nil {
		return err
	}
	if code := fault.Of(err).Code; code == fault.NotFound || code == fault.Forbidden {
		return errNotYours
	}
	return err
}

// patience returns how long the caller may wait, which wants to wait for so long: its token
// must not end before.
func (who caller) patience(wanted time.Duration) time.Duration {
	if who.asked() {
		return max(0, min(wanted, time.Until(who.until)))
	}
	return wanted
}
