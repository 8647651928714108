package param

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"example.com/im/http-server/fault"
)

// parsePairs appends to ps those of name=value pairs whose name is among names. The pairs
// are written as a query string or as application/x-www-form-urlencoded, for which the
// URL Standard (section 5.1) has one rule. Unlike in [url.ParseQuery], a semicolon is a
// character like others. where is the field that a refusal names.
func parsePairs(ps Set, where, pairs string, names []string) (Set, error) {
	before := len(ps)
	for pairs != "" {
		var pair string
		pair, pairs, _ = strings.Cut(pairs, "&")
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err == nil {
			value, err = url.QueryUnescape(value)
		}
		if err != nil {
			return nil, fault.Invalid(where, "must be name=value pairs, percent-encoded: "+err.Error())
		}
		ps, err = ps.add(before, param{name: name, kind: '"', text: value, plus: true}, names)
		if err != nil {
			return nil, err
		}
	}
	return ps, nil
}

// add appends a string whose name is among names, unless it is empty. In the source that it
// comes from, whose parameters begin at before, it may come again.
func (ps Set) add(before int, p param, names []string) (Set, error) {
	if p.text == "" || !slices.Contains(names, p.name) {
		return ps, nil
	}
	if !utf8.ValidString(p.text) {
		return nil, Set{p}.Invalid(p.name, "must be valid UTF-8")
	}
	for i := range ps[before:] {
		if other := &ps[before+i]; other.name == p.name {
			other.repeat(p.text)
			return ps, nil
		}
	}
	return append(ps, p), nil
}

// repeat notes that the parameter was given again.
func (p *param) repeat(text string) {
	if p.kind != repeated {
		p.kind, p.list = repeated, []string{p.text}
	}
	p.list = append(p.list, text)
}
