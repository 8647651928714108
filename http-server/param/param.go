// Package param reads the parameters of a request, from its query string and its body,
// which is a JSON object or a form.
//
// A parameter is a name with a value. A set has those of a request's parameters that the
// API knows. A value arrives as text, and who reads it says what it should be. Numbers
// may be quoted, because query values have no type and some clients quote them in JSON,
// too. A value that cannot be read is a fault that names the parameter and the rule, and
// shows what was seen.
package param

import (
	"errors"
	"math"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/im/http-server/fault"
)

// param is one parameter of a request as it arrived.
type param struct {
	name string
	kind jsontext.Kind // that of a JSON string, too, if it came in a query string or form
	text string        // a string's content, or a number as it was written
	plus bool          // it came where a + is a space
	list []string      // the strings of a list, or of a parameter that was given several times
	odd  string        // what the list has that is not a string, as refusals show it; "": nothing
}

// repeated is the kind of a parameter that was given several times in one query string or
// form.
const repeated jsontext.Kind = '*'

// Set has the parameters of a request that the API knows. If several have one name, the
// first counts. Null, empty and absent are the same.
type Set []param

// get returns the parameter, or one of kind 0.
func (ps Set) get(name string) param {
	for _, p := range ps {
		if p.name == name {
			return p
		}
	}
	return param{name: name}
}

// Has reports whether the parameter was given.
func (ps Set) Has(name string) bool { return ps.get(name).kind != 0 }

// Text returns a string, by default "".
func (ps Set) Text(name string) (string, error) {
	p := ps.get(name)
	if p.kind != 0 && p.kind != '"' {
		return "", ps.Invalid(name, "must be a string")
	}
	return p.text, nil
}

// Texts returns a list of strings, by default an empty one. It may be a list of JSON's, or
// one string, or a parameter of a query string or form that was given for each string.
func (ps Set) Texts(name string) ([]string, error) {
	p := ps.get(name)
	switch {
	case p.kind == 0:
		return nil, nil
	case p.kind == '"':
		return []string{p.text}, nil
	case p.kind != '[' && p.kind != repeated:
		return nil, ps.Invalid(name, "must be a list of strings")
	case p.odd != "":
		return nil, fault.Invalid(name, "must be a list of strings: it has "+p.odd)
	}
	return p.list, nil
}

// Int64 returns an integer, by default 0. It may be quoted.
func (ps Set) Int64(name string) (int64, error) {
	n, err := ps.integer(name)
	if errors.Is(err, strconv.ErrRange) {
		return 0, ps.Invalid(name, "must be an integer of at most 64 bits")
	}
	return n, err
}

// Int32 returns an integer, by default 0. It may be quoted. An integer that does not fit
// becomes the nearest that does: a limit that is too high is no error.
func (ps Set) Int32(name string) (int32, error) {
	n, err := ps.integer(name)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, err
	}
	return int32(min(max(n, math.MinInt32), math.MaxInt32)), nil
}

// integer returns an integer. If it does not fit, the error is [strconv.ErrRange] and
// comes with the nearest int64.
func (ps Set) integer(name string) (int64, error) {
	p := ps.get(name)
	switch p.kind {
	case 0:
		return 0, nil
	case '"', '0':
		n, err := strconv.ParseInt(p.text, 10, 64)
		if err == nil || errors.Is(err, strconv.ErrRange) {
			return n, err
		}
	}
	return 0, ps.Invalid(name, "must be an integer")
}

// Bool returns a truth value, by default false. A string may be written in all the ways
// of [strconv.ParseBool]: 1 is common in query strings, and Python's clients write True.
func (ps Set) Bool(name string) (bool, error) {
	p := ps.get(name)
	switch p.kind {
	case 0, 'f':
		return false, nil
	case 't':
		return true, nil
	case '"':
		if b, err := strconv.ParseBool(p.text); err == nil {
			return b, nil
		}
	}
	return false, ps.Invalid(name, "must be true or false")
}
