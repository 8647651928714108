package gateway

import (
	"example.com/im/http-server/fault"
	"example.com/im/http-server/param"
	"example.com/im/idl/chat"
)

// chatName returns the chat's name in canonical form.
func chatName(ps param.Set) (chat.Name, error) {
	text, err := ps.Text("chat")
	if err != nil {
		return "", err
	}
	name, err := chat.Parse(text)
	if err != nil {
		return "", &fault.Error{Code: fault.InvalidArgument, Message: err.Error()}
	}
	return name, nil
}

// memberName returns the member's name in canonical form.
func memberName(ps param.Set) (string, error) {
	text, err := ps.Text("member")
	if err != nil {
		return "", err
	}
	member, err := chat.Member(text)
	if err != nil {
		return "", &fault.Error{Code: fault.InvalidArgument, Message: err.Error()}
	}
	return member, nil
}
