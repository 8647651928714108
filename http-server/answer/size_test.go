package answer

import (
	"math"
	"strings"
	"testing"

	"example.com/im/idl/gen/im"
)

// No reply is longer than it says, whatever JSON has to escape.
func TestSizes(t *testing.T) {
	t.Parallel()
	all := make([]byte, 128)
	for i := range all {
		all[i] = byte(i)
	}
	for _, s := range []string{"", "a", string(all), "é\u2028\u2029😀\u007f\u0080", strings.Repeat("\x01", 5000), strings.Repeat(`"\`, 5000)} {
		m := &im.Message{Chat: s, Text: s, Sender: s, SendTime: math.MinInt64, Added: []string{s, s}, Removed: []string{s}}
		messages := []*im.Message{m, m, {}}
		unread, read := int32(math.MinInt32), int64(math.MinInt64)
		cursor := strings.Repeat(`"`, 1024)
		for _, r := range []interface {
			Size() int
			AppendJSON([]byte) ([]byte, error)
		}{
			Page{messages, false, math.MinInt64},
			Sync{messages, []*im.ReadMark{{Chat: s, Member: s, SendTime: math.MinInt64}, {}}, false, cursor},
			Chats{[]Chat{{s, m, &unread, &read}, {LastMessage: &im.Message{}}}, false, cursor, &cursor},
		} {
			b, err := r.AppendJSON(nil)
			if err != nil || len(b) > r.Size() {
				t.Errorf("%T of %.20q: %d bytes, %v; want at most %d", r, s, len(b), err, r.Size())
			}
		}
	}
}
