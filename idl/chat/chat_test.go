package chat_test

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/secure/precis"

	"example.com/im/idl/chat"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ in, want string }{
		"as it is":                   {"doe:john", "doe:john"},
		"order":                      {"john:doe", "doe:john"},
		"case and space":             {"  Doe : John ", "doe:john"},
		"a chat with oneself":        {"john:JOHN", "john:john"},
		"full width":                 {"ＪＯＨＮ:doe", "doe:john"},
		"decomposed accent":          {"jose\u0301:doe", "doe:josé"},
		"right to left":              {"שלום:doe", "doe:שלום"},
		"ASCII punctuation":          {"j.doe@x-y_z:a+b", "a+b:j.doe@x-y_z"},
		"digits":                     {"10:9", "10:9"},
		"longest":                    {strings.Repeat("é", 64) + ":b", "b:" + strings.Repeat("é", 64)},
		"Turkish dotted capital I":   {"\u0130:b", "b:i\u0307"},
		"greek final sigma is kept":  {"ΟΔΟΣ:b", "b:οδοσ"},
		"ideographs of one chat":     {"李:王", "李:王"},
		"a group":                    {"  Team ", "team"},
		"a group of ideographs":      {"李", "李"},
		"surrounding unicode spaces": {"\u3000a\u00a0:\tb\n", "a:b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := chat.Parse(tc.in)
			if err != nil || string(got) != tc.want {
				t.Fatalf("Parse(%q) = %q, %v; want %q", tc.in, got, err, tc.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ in, want string }{
		"blank":              {" \n", "one colon"},
		"a group's name":     {"john doe", "a group's name must not contain spaces"},
		"a long group":       {strings.Repeat("a", 65), "a group's name must be at most 64"},
		"empty":              {"", "one colon"},
		"two colons":         {"a:b:c", "one colon"},
		"empty member":       {"a:", "must not be empty"},
		"blank member":       {"  :b", "must not be empty"},
		"too long":           {strings.Repeat("a", 65) + ":b", "at most 64"},
		"too long as mapped": {strings.Repeat("\u0130", 64) + ":b", "once mapped"},
		"full-width colon":   {"a\uff1ab:c", "colon in any width"},
		"inner space":        {"a b:c", "spaces"},
		"control character":  {"a\x01b:c", "control characters"},
		"emoji":              {"a😀:c", "symbols"},
		"symbol":             {"a™:c", "symbols"},
		"mixed directions":   {"שlום:c", "writing direction"},
		"invalid UTF-8":      {"a\xff:c", "valid UTF-8"},
		"zero-width joiner":  {"a\u200db:c", "RFC 8265"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := chat.Parse(tc.in)
			wantRule(t, err, "chat", tc.want)
		})
	}
}

// What is decided without the profile for names in ASCII is what the profile says.
func TestASCIINamesFollowTheProfile(t *testing.T) {
	t.Parallel()
	for c := range rune(0x80) {
		for _, name := range []string{string(c), "a" + string(c), string(c) + "Z", "a" + string(c) + "9"} {
			if name = strings.TrimSpace(name); name == "" || strings.Contains(name, ":") {
				continue
			}
			want, refusal := precis.UsernameCaseMapped.String(name)
			got, err := chat.Parse(name + ":~")
			if (err == nil) != (refusal == nil) || err == nil && got != chat.Name(min(want, "~")+":"+max(want, "~")) {
				t.Errorf("%q: %q, %v; the profile says %q, %v", name, got, err, want, refusal)
			}
		}
	}
}

func TestSender(t *testing.T) {
	t.Parallel()
	doeJohn, err := chat.Parse("doe:john")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []chat.Name{doeJohn, "team"} {
		written, member, err := name.Sender(" John\n")
		if err != nil || written != "John" || member != "john" {
			t.Fatalf("Sender = %q, %q, %v; want John, john", written, member, err)
		}
	}
	for in, want := range map[string]string{
		"ann":       "two members",
		"":          "must not be empty",
		"a b":       "spaces",
		"jo\x01hn":  "control characters",
		"doe:john":  "colon in any width",
		"john\xff":  "valid UTF-8",
		"d\uff1aoe": "colon in any width",
	} {
		_, _, err := doeJohn.Sender(in)
		wantRule(t, err, "sender", want)
	}
}

// A member's name has the form that it has in the names of its chats.
func TestMember(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"  John ": "john", "ＪＯＨＮ": "john", "jose\u0301": "josé", "\u3000a": "a"} {
		if got, err := chat.Member(in); err != nil || got != want {
			t.Errorf("Member(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for in, want := range map[string]string{
		"": "empty", " ": "empty", "a:b": "colon in any width", "a b": "spaces", "a\xff": "valid UTF-8", strings.Repeat("a", 65): "at most 64",
	} {
		_, err := chat.Member(in)
		wantRule(t, err, "member", want)
	}
}

func TestCheckText(t *testing.T) {
	t.Parallel()
	for _, ok := range []string{"x", " ", "a\nb\r\n", "😀 שלום", strings.Repeat("x", chat.MaxTextBytes)} {
		if err := chat.CheckText(ok); err != nil {
			t.Errorf("CheckText(%.20q) = %v", ok, err)
		}
	}
	for in, want := range map[string]string{
		"":                                       "empty",
		strings.Repeat("x", chat.MaxTextBytes+1): "16384",
		"a\xc3":                                  "UTF-8",
		"a\xed\xa0\x80":                          "UTF-8", // a surrogate half
		"a\x00b":                                 "U+0000",
	} {
		wantRule(t, chat.CheckText(in), "text", want)
	}
}

func TestCheckKey(t *testing.T) {
	t.Parallel()
	for _, ok := range []string{"x", "!~", strings.Repeat("k", chat.MaxKeyBytes), "7f9c24e8-3b12-4fef-91e0-56a2d5a0d1f3"} {
		if err := chat.CheckKey(ok); err != nil {
			t.Errorf("CheckKey(%.20q) = %v", ok, err)
		}
	}
	for _, bad := range []string{"", strings.Repeat("k", chat.MaxKeyBytes+1), "a b", "a\x7f", "é", "a\n", "\xff"} {
		wantRule(t, chat.CheckKey(bad), "Idempotency-Key", "visible ASCII")
	}
}

func TestLimitAndCursor(t *testing.T) {
	t.Parallel()
	for in, want := range map[int32]int{0: 10, 1: 1, 1000: 1000, 1001: 1000, math.MaxInt32: 1000} {
		if got, err := chat.Limit(in); err != nil || got != want {
			t.Errorf("Limit(%d) = %d, %v; want %d", in, got, err, want)
		}
	}
	_, err := chat.Limit(-1)
	wantRule(t, err, "limit", "negative")
	wantRule(t, chat.CheckCursor(-1), "cursor", "negative")
	if err := chat.CheckCursor(math.MaxInt64); err != nil {
		t.Error(err)
	}
}

// The lane is part of the data: it must be FNV-1a for ever.
func TestLane(t *testing.T) {
	t.Parallel()
	seen := map[int]bool{}
	for i := range 1000 {
		name := chat.Name(fmt.Sprintf("a%d:bé", i))
		hash := fnv.New64a()
		_, _ = hash.Write([]byte(name))
		if want := int(hash.Sum64() % 64); name.Lane() != want {
			t.Fatalf("Lane(%q) = %d; want %d", name, name.Lane(), want)
		}
		seen[name.Lane()] = true
	}
	if len(seen) != chat.Lanes {
		t.Errorf("1000 chats use %d lanes; want %d", len(seen), chat.Lanes)
	}
}

func TestParseIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 500 {
				if got, err := chat.Parse("José:ＤＯＥ"); err != nil || got != "doe:josé" {
					t.Errorf("Parse = %q, %v", got, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"doe:john", " Doe : John ", "ＪＯＨＮ:doe", "\u0130:b", "a\uff1ab:c", "שלום:b", "a\xff:b", "::", "ΟΔΟΣ:ß", "a\u0345:b",
		"0", " Team ", "ＴＥＡＭ", "a\u0345",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		name, err := chat.Parse(in)
		if err != nil {
			if rule := (*chat.Error)(nil); !errors.As(err, &rule) {
				t.Fatalf("Parse(%q): %v is not a *chat.Error", in, err)
			}
			return
		}
		if again, err := chat.Parse(string(name)); err != nil || again != name {
			t.Fatalf("Parse(%q) = %q, but Parse of that is %q, %v", in, name, again, err)
		}
		wantInOrder(t, name)
		if n := utf8.RuneCountInString(string(name)); n > 2*chat.MaxMemberRunes+1 {
			t.Fatalf("Parse(%q) = %q is %d characters long", in, name, n)
		}
	})
}

// wantInOrder checks a name that Parse returned: a group has no colon, and the
// members of a pair stand in order, whichever came first.
func wantInOrder(t *testing.T, name chat.Name) {
	t.Helper()
	if name.IsGroup() {
		if strings.Contains(string(name), ":") {
			t.Fatalf("%q is a group with a colon", name)
		}
		return
	}
	first, second := name.Members()
	if first > second || string(name) != first+":"+second {
		t.Fatalf("%q is not in order", name)
	}
	if swapped, err := chat.Parse(second + ":" + first); err != nil || swapped != name {
		t.Fatalf("Parse(%q) = %q, %v; want %q", second+":"+first, swapped, err, name)
	}
}

func wantRule(t *testing.T, err error, field, rule string) {
	t.Helper()
	var got *chat.Error
	if !errors.As(err, &got) {
		t.Errorf("error = %v; want a *chat.Error on %s: %s", err, field, rule)
		return
	}
	if got.Field != field || !strings.Contains(got.Rule, rule) {
		t.Errorf("error = %v; want %s: … %s …", got, field, rule)
	}
}
