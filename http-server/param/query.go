package param

import (
	"net/url"
	"unicode/utf8"

	"example.com/im/http-server/fault"
)

// parseQuery appends the query string's parameters that are among names to ps.
func parseQuery(ps Set, query string, names ...string) (Set, error) {
	if query == "" {
		return ps, nil
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, fault.Invalid("query", "must be name=value pairs, percent-encoded: "+err.Error())
	}
	for _, name := range names {
		given := values[name]
		switch {
		case len(given) == 0:
			continue
		case len(given) > 1:
			return nil, fault.Invalid(name, "must be given once")
		case !utf8.ValidString(given[0]):
			return nil, fault.Invalid(name, "must be valid UTF-8")
		}
		ps = append(ps, param{name, '"', given[0]})
	}
	return ps, nil
}
