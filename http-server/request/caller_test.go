package request

import (
	"errors"
	"testing"
	"time"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/param"
	"example.com/im/idl/chat"
)

// ann has shown who she is. Nobody was not asked.
var ann, nobody = Caller{Member: "ann", Until: time.Now().Add(time.Hour)}, Caller{}

// set returns parameters that are written as a query.
func set(t *testing.T, query string) param.Set {
	t.Helper()
	ps, err := param.Source{Query: query}.Parse("chat", "sender", "receiver")
	if err != nil {
		t.Fatal(err)
	}
	return ps
}

// wantCode checks the code of an error; "" is none.
func wantCode(t *testing.T, err error, want fault.Code) {
	t.Helper()
	got := fault.Code("")
	if err != nil {
		got = fault.Of(err).Code
	}
	if got != want {
		t.Errorf("error = %v; want %q", err, want)
	}
}

// A call is made in the name of its caller, who may leave the name out. Who is not asked
// may give any.
func TestSelf(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		who           Caller
		sender        string
		self, written string
		want          fault.Code
	}{
		"left out":             {ann, "", "ann", "ann", ""},
		"her own":              {ann, "sender=Ann", "ann", "Ann", ""},
		"another's":            {ann, "sender=bob", "bob", "bob", fault.Forbidden},
		"no name":              {ann, "sender=a:b", "", "", fault.InvalidArgument},
		"not asked":            {nobody, "sender=Bob", "bob", "Bob", ""},
		"not asked, left out":  {nobody, "", "", "", fault.InvalidArgument},
		"not asked, and empty": {nobody, "sender=", "", "", fault.InvalidArgument},
	} {
		t.Run(name, func(t *testing.T) {
			self, err := tc.who.Self(set(t, tc.sender), "sender")
			wantCode(t, err, tc.want)
			written, werr := tc.who.WrittenSelf(set(t, tc.sender), "sender")
			wantCode(t, werr, tc.want)
			if tc.want == "" && (self != tc.self || written != tc.written) {
				t.Errorf("self = %q, written %q; want %q, %q", self, written, tc.self, tc.written)
			}
		})
	}
}

// Only members enter a chat of two. Who is in a group only rpc-servers know.
func TestChatOfACall(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		who   Caller
		query string
		chat  chat.Name
		want  fault.Code
	}{
		"her chat":            {ann, "chat=Bob:Ann", "ann:bob", ""},
		"others' chat":        {ann, "chat=bob:eve", "bob:eve", fault.Forbidden},
		"a group":             {ann, "chat=team", "team", ""},
		"no chat":             {ann, "chat=", "", fault.InvalidArgument},
		"not asked":           {nobody, "chat=bob:eve", "bob:eve", ""},
		"a receiver":          {ann, "receiver=bob", "ann:bob", ""},
		"the same in both":    {ann, "receiver=bob&chat=bob:ann", "ann:bob", ""},
		"another in both":     {ann, "receiver=bob&chat=team", "ann:bob", fault.InvalidArgument},
		"herself":             {ann, "receiver=ann", "ann:ann", ""},
		"another's, by names": {ann, "receiver=bob&sender=eve", "", fault.Forbidden},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := tc.who.ChatOfSend(set(t, tc.query))
			wantCode(t, err, tc.want)
			if tc.want == "" && got != tc.chat {
				t.Errorf("chat = %q; want %q", got, tc.chat)
			}
		})
	}
}

// What a caller sees of an error does not tell whether there is a group.
func TestShown(t *testing.T) {
	t.Parallel()
	for _, code := range []fault.Code{fault.NotFound, fault.Forbidden} {
		err := &fault.Error{Code: code, Message: "a secret"}
		if got := ann.Shown(err); !errors.Is(got, errNotYours) {
			t.Errorf("%s is shown as %v", code, got)
		}
		if got := nobody.Shown(err); !errors.Is(got, err) {
			t.Errorf("who is not asked sees %v", got)
		}
	}
	for _, err := range []error{nil, &fault.Error{Code: fault.Unavailable}, errors.New("a defect")} {
		if got := ann.Shown(err); !errors.Is(got, err) {
			t.Errorf("%v is shown as %v", err, got)
		}
	}
}

// A caller gets nothing of a group from an rpc-server that has not looked who it is.
func TestMayKnow(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		who     Caller
		chat    chat.Name
		checked bool
		want    fault.Code
	}{
		"checked":     {ann, "team", true, ""},
		"not checked": {ann, "team", false, fault.Unavailable},
		"two":         {ann, "ann:bob", false, ""},
		"not asked":   {nobody, "team", false, ""},
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, tc.who.MayKnow(tc.chat, tc.checked), tc.want) })
	}
}

// Nobody waits beyond the end of its token.
func TestPatience(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		who  Caller
		want time.Duration
	}{
		"not asked": {nobody, time.Minute},
		"long":      {ann, time.Minute},
		"over":      {Caller{"ann", time.Now().Add(-time.Second)}, 0},
	} {
		if got := tc.who.Patience(time.Minute); got != tc.want {
			t.Errorf("%s: %s; want %s", name, got, tc.want)
		}
	}
	if got := (Caller{"ann", time.Now().Add(time.Second)}).Patience(time.Minute); got <= 0 || got > time.Second {
		t.Errorf("a token that ends in a second: %s", got)
	}
}
