package request

import (
	"strings"
	"testing"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/fault"
)

// with returns a request with these values of a header.
func with(header string, values ...string) *app.RequestContext {
	c := app.NewContext(0)
	for _, value := range values {
		c.Request.Header.Add(header, value)
	}
	return c
}

// A token comes in one header. What else looks like one is none.
func TestBearerOfAHeader(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"Bearer a.b-c", "bearer a.b-c", "BEARER   a.b-c "} {
		if token, err := Bearer(with(TokenHeader, value)); err != nil || token != "a.b-c" {
			t.Errorf("%q: %q, %v", value, token, err)
		}
	}
	for _, values := range [][]string{{}, {""}, {"a.b-c"}, {"Bearer"}, {"Bearer "}, {"Basic a"}, {"Bearer a b"}, {"Bearer é"}, {"Bearer a", "Bearer a"}} {
		_, err := Bearer(with(TokenHeader, values...))
		wantCode(t, err, fault.Unauthenticated)
	}
}

// A key is given once, or not at all. Only rpc-servers know what a key may be.
func TestKey(t *testing.T) {
	t.Parallel()
	if key, err := Key(with(KeyHeader)); err != nil || key != nil {
		t.Errorf("none: %v, %v", key, err)
	}
	for _, value := range []string{"", "a"} {
		if key, err := Key(with(KeyHeader, value)); err != nil || key == nil || *key != value {
			t.Errorf("%q: %v, %v", value, key, err)
		}
	}
	_, err := Key(with(KeyHeader, "a", "a"))
	wantCode(t, err, fault.InvalidArgument)
}

// A request keeps a sane id of its client. Otherwise it gets a new one.
func TestID(t *testing.T) {
	t.Parallel()
	for id, kept := range map[string]bool{
		"a": true, strings.Repeat("~", MaxIDBytes): true, strings.Repeat("a", MaxIDBytes+1): false, "": false, "a b": false, "é": false,
	} {
		c := with(IDHeader, id)
		if got := SetID(c); (got == id) != kept || got == "" || got != ID(c) {
			t.Errorf("%q becomes %q, %q", id, got, ID(c))
		}
	}
}
