package param

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"example.com/im/http-server/fault"
)

// maxShown is how many characters of a request a refusal repeats at most.
const maxShown = 40

// Invalid returns a fault that says which rule the parameter breaks, and what it is. The
// rule that one breaks that was given several times is always the same.
func (ps Set) Invalid(name, rule string) error {
	p := ps.get(name)
	if p.kind == repeated {
		rule = "must be given once"
	}
	return p.invalid(rule)
}

// InvalidItem returns a fault that says which rule a string of a list breaks.
func (ps Set) InvalidItem(name, text, rule string) error {
	p := ps.get(name)
	return param{name: name, kind: '"', text: text, plus: p.plus}.invalid(rule)
}

// invalid returns a fault that says which rule p breaks, and what it is.
func (p param) invalid(rule string) error {
	rule += ": it is " + p.seen()
	if p.plus && strings.Contains(strings.TrimSpace(p.text), " ") {
		rule += " (a + in a query or form is a space, %2B is a plus)"
	}
	return fault.Invalid(p.name, rule)
}

// seen describes the value.
func (p param) seen() string {
	switch p.kind {
	case 0:
		return "missing"
	case '{':
		return "an object"
	case '[':
		return "a list"
	case repeated:
		return Shown(p.list[0], maxShown/2) + " and " + Shown(p.list[1], maxShown/2)
	case '"':
		return Shown(p.text, maxShown)
	}
	text := Shown(p.text, maxShown)
	return text[1 : len(text)-1] // a number, true or false
}

// Shown returns the start of text in quotes: most characters at most, and an ellipsis if
// there are more. What is not printable, and what is not UTF-8, is escaped as in Go.
func Shown(text string, most int) string {
	shown := []byte{'"'}
	for len(text) > 0 {
		_, size := utf8.DecodeRuneInString(text)
		quoted := strconv.Quote(text[:size])
		quoted = quoted[1 : len(quoted)-1]
		most -= utf8.RuneCountInString(quoted)
		if most < 0 {
			shown = append(shown, "…"...)
			break
		}
		shown, text = append(shown, quoted...), text[size:]
	}
	return string(append(shown, '"'))
}

// isShort reports whether text can be repeated as it is.
func isShort(text string) bool {
	return utf8.RuneCountInString(text) <= maxShown && Shown(text, maxShown) == `"`+text+`"`
}
