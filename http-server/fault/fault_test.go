package fault_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"example.com/im/http-server/fault"
)

func TestOf(t *testing.T) {
	t.Parallel()
	cause := errors.New("a secret")
	for name, tc := range map[string]struct {
		err     error
		code    fault.Code
		message string
		cause   bool
	}{
		"a rule":      {fault.Invalid("chat", "must be a string"), fault.InvalidArgument, "chat: must be a string", false},
		"with cause":  {&fault.Error{Code: fault.Timeout, Message: "no answer", Cause: cause}, fault.Timeout, "no answer", true},
		"wrapped":     {fmt.Errorf("call: %w", &fault.Error{Code: fault.KeyReused, Message: "key"}), fault.KeyReused, "key", false},
		"has no code": {cause, fault.Internal, "internal error", true},
	} {
		got := fault.Of(tc.err)
		if got.Code != tc.code || got.Message != tc.message {
			t.Errorf("%s: %s, %q; want %s, %q", name, got.Code, got.Message, tc.code, tc.message)
		}
		if errors.Is(got, cause) != tc.cause || strings.Contains(got.Error(), cause.Error()) != tc.cause {
			t.Errorf("%s: the log has %q; is the cause in it: want %t", name, got, tc.cause)
		}
	}
}
