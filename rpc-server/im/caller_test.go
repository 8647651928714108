package im_test

import (
	"testing"

	"example.com/im/idl/gen/im"
	"example.com/im/rpc-server/store/storetest"
)

// A call that names its caller is answered if the caller is in the chat, and says that it
// has looked. A call that names none is a gateway's that asks nobody.
func TestCaller(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	cfg.Store = storetest.Open(t, storetest.SQLite(t))
	c := dial(t, start(t, cfg))
	changeMembers(t, c, &im.ChangeMembersRequest{Chat: "team", By: "ann", Add: []string{"bob"}})
	for _, tc := range []struct {
		chat   string
		caller *string
		want   im.Code
	}{
		{"team", nil, im.Code_OK},
		{"team", new("ann"), im.Code_OK},
		{" TEAM", new(" Bob "), im.Code_OK},
		{"team", new("eve"), im.Code_FORBIDDEN},
		{"team", new(""), im.Code_INVALID_ARGUMENT},
		{"team", new("a:b"), im.Code_INVALID_ARGUMENT},
		{"nogroup", new("ann"), im.Code_NOT_FOUND},
		{"ann:bob", new("Ann"), im.Code_OK},
		{"ann:bob", new("eve"), im.Code_FORBIDDEN},
	} {
		pulled := pull(t, c, &im.PullRequest{Chat: tc.chat, Caller: tc.caller})
		all, err := c.PullAll(t.Context(), &im.PullAllRequest{Pulls: []*im.PullRequest{{Chat: tc.chat, Caller: tc.caller}}})
		if err != nil {
			t.Fatal(err)
		}
		listed := members(t, c, &im.MembersRequest{Chat: tc.chat, Caller: tc.caller})
		looked := tc.caller != nil && tc.want == im.Code_OK
		for method, got := range map[string]struct {
			code    im.Code
			checked bool
		}{
			"Pull":    {pulled.Code, pulled.GetCallerChecked()},
			"PullAll": {all.Answers[0].Code, all.Answers[0].GetCallerChecked()},
			"Members": {listed.Code, listed.GetCallerChecked()},
		} {
			if got.code != tc.want || got.checked != looked {
				t.Errorf("%s of %q by %v = %v, looked %t; want %v, %t", method, tc.chat, tc.caller, got.code, got.checked, tc.want, looked)
			}
		}
		if pulled.Code != im.Code_OK && len(pulled.Messages)+len(listed.Members) > 0 {
			t.Errorf("%q tells %v %v", tc.chat, pulled.Messages, listed.Members)
		}
	}
}
