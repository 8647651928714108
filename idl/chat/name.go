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

// Name is the canonical form of a chat's name. That of a chat of two is its members,
// mapped, in byte order, joined by a colon. That of a group is its name, mapped as a
// member's is, without a colon. Two spellings of one chat have equal Names. Make one
// with [Parse].
type Name string

// Parse returns the canonical form of name, in any case and surrounding space. name is
// "<member1>:<member2>" in any order, or a group's. Its error is an [*Error].
func Parse(name string) (Name, error) {
	first, second, pair := strings.Cut(name, ":")
	switch {
	case strings.TrimSpace(name) == "" || strings.Contains(second, ":"):
		return "", &Error{"chat", "must be written <member1>:<member2>, with one colon, or be a group's name, without"}
	case !pair:
		group, err := canonical("chat", "a group's name", name)
		return Name(group), err
	}
	a, err := MemberIn("chat", first)
	if err != nil {
		return "", err
	}
	b, err := MemberIn("chat", second)
	if err != nil {
		return "", err
	}
	return Name(min(a, b) + ":" + max(a, b)), nil
}

// Member returns the canonical form of a member's name, by the same rule as in a
// chat's. Its error is an [*Error].
func Member(name string) (string, error) { return MemberIn("member", name) }

// MemberIn is [Member] for a name in another field of a request.
func MemberIn(field, name string) (string, error) {
	return canonical(field, "a member's name", name)
}

// IsGroup reports whether the chat is a group. Who is in it the name does not tell.
func (n Name) IsGroup() bool { return !strings.Contains(string(n), ":") }

// Members returns the members of a chat of two in canonical form. They are equal in a
// chat with oneself.
func (n Name) Members() (first, second string) {
	first, second, _ = strings.Cut(string(n), ":")
	return first, second
}

// Has reports whether member, in canonical form, is a member of a chat of two.
func (n Name) Has(member string) bool {
	first, second := n.Members()
	return member == first || member == second
}

// Sender checks the name of a sender. It returns the name as it was written, without
// surrounding space, and in canonical form. In a chat of two the sender has to be one of
// its members. Its error is an [*Error].
func (n Name) Sender(sender string) (written, member string, err error) {
	written = strings.TrimSpace(sender)
	if member, err = MemberIn("sender", written); err != nil {
		return "", "", err
	}
	if !n.IsGroup() && !n.Has(member) {
		return "", "", &Error{"sender", "must be one of the chat's two members"}
	}
	return written, member, nil
}

// canonical maps a name by the PRECIS profile UsernameCaseMapped (RFC 8265, section
// 3.3), after trimming it. Errors are about field, and call the name what.
func canonical(field, what, name string) (string, error) {
	name = strings.TrimSpace(name)
	if rule := brokenRule(what, name); rule != "" {
		return "", &Error{field, rule}
	}
	if isGraphicASCII(name) {
		return strings.ToLower(name), nil
	}
	return profiled(field, what, name)
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
func profiled(field, what, name string) (string, error) {
	mapped, err := precis.UsernameCaseMapped.String(name)
	if err != nil {
		return "", &Error{field, what + " " + refusal(name)}
	}
	if utf8.RuneCountInString(mapped) > MaxMemberRunes {
		return "", &Error{field, what + " must be at most 64 characters long once mapped to lower case"}
	}
	if strings.Contains(mapped, ":") {
		return "", &Error{field, what + " must not contain a colon in any width"}
	}
	// RFC 8265, section 3.3.3 warns that the rules are not idempotent for every
	// string. A name that maps on would be two chats at once.
	if again, err := precis.UsernameCaseMapped.String(mapped); err != nil || again != mapped {
		return "", &Error{field, what + " must not change again when it is mapped twice"}
	}
	return mapped, nil
}

// brokenRule names the rule of a name's length and encoding that name breaks,
// or returns "".
func brokenRule(what, name string) string {
	switch {
	case name == "":
		return what + " must not be empty"
	case !utf8.ValidString(name):
		return "must be valid UTF-8"
	case utf8.RuneCountInString(name) > MaxMemberRunes:
		return what + " must be at most 64 characters long"
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
