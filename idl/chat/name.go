package chat

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/secure/precis"
)

// MaxMemberRunes is the length of the longest member name in code points, as
// written and as mapped.
const MaxMemberRunes = 64

// Name is the canonical form of a chat's name: its two members, mapped, in
// byte order, joined by a colon. Two spellings of one chat have equal Names.
// Make one with [Parse].
type Name string

// Parse returns the canonical form of name, which is written
// "<member1>:<member2>" in any order, case and surrounding space. Its error is
// an [*Error].
func Parse(name string) (Name, error) {
	first, second, found := strings.Cut(name, ":")
	if !found || strings.Contains(second, ":") {
		return "", &Error{"chat", "must be written <member1>:<member2>, with one colon"}
	}
	a, err := canonicalMember("chat", first)
	if err != nil {
		return "", err
	}
	b, err := canonicalMember("chat", second)
	if err != nil {
		return "", err
	}
	return Name(min(a, b) + ":" + max(a, b)), nil
}

// Member returns the canonical form of a member's name, by the same rule as in a
// chat's. Its error is an [*Error].
func Member(name string) (string, error) { return canonicalMember("member", name) }

// Members returns the two members in canonical form. They are equal in a chat
// with oneself.
func (n Name) Members() (first, second string) {
	first, second, _ = strings.Cut(string(n), ":")
	return first, second
}

// Sender checks that sender names a member of the chat, and returns it as it
// was written, without surrounding space. Its error is an [*Error].
func (n Name) Sender(sender string) (string, error) {
	trimmed := strings.TrimSpace(sender)
	member, err := canonicalMember("sender", trimmed)
	if err != nil {
		return "", err
	}
	if first, second := n.Members(); member != first && member != second {
		return "", &Error{"sender", "must be one of the chat's two members"}
	}
	return trimmed, nil
}

// canonicalMember maps a member's name by the PRECIS profile
// UsernameCaseMapped (RFC 8265, section 3.3), after trimming it.
func canonicalMember(field, name string) (string, error) {
	name = strings.TrimSpace(name)
	if rule := brokenRule(name); rule != "" {
		return "", &Error{field, rule}
	}
	if isGraphicASCII(name) {
		return strings.ToLower(name), nil
	}
	return profiled(field, name)
}

// isGraphicASCII reports whether name is made of visible ASCII characters alone,
// without a colon. The profile takes all of these, and maps nothing but their case. To
// look them up in its tables would be the most expensive part of a call.
func isGraphicASCII(name string) bool {
	for i := range len(name) {
		if name[i] <= ' ' || name[i] > '~' || name[i] == ':' {
			return false
		}
	}
	return true
}

// profiled maps any name by the profile.
func profiled(field, name string) (string, error) {
	mapped, err := precis.UsernameCaseMapped.String(name)
	if err != nil {
		return "", &Error{field, "a member's name " + refusal(name)}
	}
	if utf8.RuneCountInString(mapped) > MaxMemberRunes {
		return "", &Error{field, "a member's name must be at most 64 characters long once mapped to lower case"}
	}
	if strings.Contains(mapped, ":") {
		return "", &Error{field, "a member's name must not contain a colon in any width"}
	}
	// RFC 8265, section 3.3.3 warns that the rules are not idempotent for every
	// string. A name that maps on would be two chats at once.
	if again, err := precis.UsernameCaseMapped.String(mapped); err != nil || again != mapped {
		return "", &Error{field, "a member's name must not change again when it is mapped twice"}
	}
	return mapped, nil
}

// brokenRule names the rule of a name's length and encoding that name breaks,
// or returns "".
func brokenRule(name string) string {
	switch {
	case name == "":
		return "a member's name must not be empty"
	case !utf8.ValidString(name):
		return "must be valid UTF-8"
	case utf8.RuneCountInString(name) > MaxMemberRunes:
		return "a member's name must be at most 64 characters long"
	}
	return ""
}

// refusal says why the profile has refused name. The profile's own error names only the
// number of the rule.
func refusal(name string) string {
	allowed := precis.UsernameCaseMapped.Allowed()
	for _, r := range name {
		switch {
		case unicode.IsSpace(r):
			return "must not contain spaces"
		case unicode.IsControl(r):
			return "must not contain control characters"
		case unicode.IsSymbol(r) && !allowed.Contains(r):
			return "must not contain symbols or emoji"
		}
	}
	return "must be letters, digits and ASCII punctuation in one writing direction (RFC 8265, UsernameCaseMapped)"
}
