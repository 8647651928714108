package request

import (
	"errors"
	"fmt"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/param"
	"example.com/im/idl/chat"
)

// shownChat is how many characters of a chat's name a refusal with two of them repeats.
const shownChat = 20

// ChatName returns the chat's name in canonical form.
func ChatName(ps param.Set) (chat.Name, error) {
	text, err := ps.Text("chat")
	if err != nil {
		return "", err
	}
	name, err := chat.Parse(text)
	return name, refused(ps, "chat", err)
}

// memberName returns the name of a member, which is the parameter field, in canonical
// form.
func memberName(ps param.Set, field string) (string, error) {
	text, err := ps.Text(field)
	if err != nil {
		return "", err
	}
	member, err := chat.Member(text)
	return member, refused(ps, field, err)
}

// MemberNames returns the names of a list, which is the parameter field, as they were
// written. Each is the name of a member. They are not more than a change may have, because
// a list of any length might be more than an rpc-server takes.
func MemberNames(ps param.Set, field string) ([]string, error) {
	names, err := ps.Texts(field)
	if err != nil {
		return nil, err
	}
	if len(names) > chat.MaxChangeNames {
		return nil, fault.Invalid(field, fmt.Sprintf("must have at most %d names: it has %d", chat.MaxChangeNames, len(names)))
	}
	for _, name := range names {
		_, err := chat.Member(name)
		if broken, ok := errors.AsType[*chat.Error](err); ok {
			return nil, ps.InvalidItem(field, name, broken.Rule)
		}
	}
	return names, nil
}

// ChatOfSend returns the chat of a message. A receiver may stand for the chat: then it is
// that of sender and receiver. With both, the two must be the same chat.
func (who Caller) ChatOfSend(ps param.Set) (chat.Name, error) {
	if !ps.Has("receiver") {
		return who.Chat(ps)
	}
	sender, err := who.Self(ps, "sender")
	if err != nil {
		return "", err
	}
	receiver, err := memberName(ps, "receiver")
	if err != nil {
		return "", err
	}
	pair, err := chat.Parse(sender + ":" + receiver)
	if err != nil || !ps.Has("chat") {
		return pair, refused(ps, "receiver", err)
	}
	name, err := ChatName(ps)
	if err == nil && name != pair {
		err = fault.Invalid("receiver", "must make the same chat as chat, or be left out: chat is "+
			param.Shown(string(name), shownChat)+", sender and receiver make "+param.Shown(string(pair), shownChat))
	}
	return pair, err
}

// refused returns the fault of a parameter that is a name and breaks a rule of package
// chat, or nil if err is nil.
func refused(ps param.Set, field string, err error) error {
	if broken, ok := errors.AsType[*chat.Error](err); ok {
		return ps.Invalid(field, broken.Rule)
	}
	return err
}
