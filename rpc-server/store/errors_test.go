package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

// Each number that a server may answer with has the right meaning, for a statement and
// for COMMIT. A real server answers with it.
func TestErrorsOfServers(t *testing.T) {
	t.Parallel()
	conflicts := []int{1020, 1205, 1213, 3101, 8022, 8028, 9007}
	readOnly := []int{1290, 1792, 1836}
	refusals := []int{
		1021, 1037, 1038, 1040, 1041, 1047, 1053, 1114, 1129, 1130, 1135, 1158, 1159, 1160, 1161, 1180, 1203, 1226, 1317, 1461, 1637, 1927, 1969,
		2002, 2003, 2006, 2013, 3024, 3032, 3100, 3168, 3169, 3781, 3782, 3783, 3796, 3797, 3798, 3799, 4031, 9001, 9002, 9003, 9004, 9005,
	}
	defects := []int{1062, 1146, 1406}
	proxy, st, direct := storetest.ThroughProxy(t)
	for kind, tc := range map[string]struct {
		numbers               []int
		ofStatement, ofCommit error // nil: none of the sentinels
	}{
		"conflict":  {conflicts, store.ErrConflict, store.ErrConflict},
		"read-only": {readOnly, store.ErrUnavailable, store.ErrUnavailable},
		"refusal":   {refusals, store.ErrUnavailable, store.ErrUnknown},
		"defect":    {defects, nil, store.ErrUnknown},
	} {
		for _, number := range tc.numbers {
			answer(t, direct, number, "as the test wants it")
			for statement, want := range map[string]error{"INSERT": tc.ofStatement, "COMMIT": tc.ofCommit} {
				proxy.SetRule(inPlaceOf(statement, "CALL e"))
				err := st.Commit([]*store.Send{message("a:b", "x")}, time.Now)
				if err == nil || !errors.Is(sentinel(err), want) {
					t.Errorf("%s: %d of %s: %v; want %v", kind, number, statement, err, want)
				}
			}
		}
	}
	proxy.SetRule(nil)
	if got := storetest.All(t, direct, "a:b"); len(got) != 0 {
		t.Errorf("%d messages are stored; want none", len(got))
	}
}

// Some numbers stand for many errors, and only their text tells these apart. 1180 is a
// server's word for all that an engine can answer to COMMIT. Of these only a deadlock
// is known to have left nothing.
func TestErrorsByTheirText(t *testing.T) {
	t.Parallel()
	proxy, st, direct := storetest.ThroughProxy(t)
	for text, tc := range map[string]struct {
		number    int
		statement string
		want      error
	}{
		"Got error 149 - 'Lock deadlock; Retry transaction' during COMMIT": {1180, "COMMIT", store.ErrConflict},
		"Got error 149 during COMMIT":                                      {1180, "COMMIT", store.ErrConflict},
		"Got error 28 - 'No space left on device' during COMMIT":           {1180, "COMMIT", store.ErrUnknown},
		"Got error 1490 during COMMIT":                                     {1180, "COMMIT", store.ErrUnknown},
		"pessimistic lock retry limit reached":                             {1105, "INSERT", store.ErrConflict},
		"lock wait timeout":                                                {1105, "INSERT", store.ErrConflict},
		"Unknown error":                                                    {1105, "INSERT", nil},
	} {
		answer(t, direct, tc.number, text)
		proxy.SetRule(inPlaceOf(tc.statement, "CALL e"))
		err := st.Commit([]*store.Send{message("a:b", "x")}, time.Now)
		if err == nil || !errors.Is(sentinel(err), tc.want) {
			t.Errorf("%s: %v; want %v", text, err, tc.want)
		}
	}
}

// answer makes a procedure e that fails with an error of the number.
func answer(t *testing.T, st *store.Store, number int, text string) {
	t.Helper()
	execute(t, st, "DROP PROCEDURE IF EXISTS e")
	execute(t, st, fmt.Sprintf("CREATE PROCEDURE e() SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = %d, MESSAGE_TEXT = \"%s\"", number, text))
}

// inPlaceOf returns a rule that sends the server other in place of a statement that
// begins with statement, which is as long, and of what is joined to it.
func inPlaceOf(statement, other string) storetest.Rule {
	return func(sent []byte) storetest.Action {
		const header = 4 + 1 // of a packet, and of a query
		if len(sent) < header+len(statement) || string(sent[header:header+len(statement)]) != statement {
			return storetest.Pass
		}
		for i := range sent[header:] {
			sent[header+i] = ' '
		}
		copy(sent[header:], other)
		return storetest.Pass
	}
}

// sentinel returns which of the sentinels err is, or nil.
func sentinel(err error) error {
	for _, s := range []error{store.ErrUnknown, store.ErrConflict, store.ErrUnavailable} {
		if errors.Is(err, s) {
			return s
		}
	}
	return nil
}
