package param

import (
	"bytes"
	"errors"
	"io"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/im/http-server/fault"
)

// maxFieldBytes is the length of the longest field name that an error repeats.
const maxFieldBytes = 64

// parseBody appends to ps the members of the JSON object in body that are among names.
// It ignores the Content-Type, and checks syntax and encoding of the whole body.
func parseBody(ps Set, body []byte, names ...string) (Set, error) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(body))
	if dec.PeekKind() != '{' {
		return nil, fault.Invalid("body", "must be a JSON object")
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, notJSON(err)
	}
	for dec.PeekKind() != '}' {
		p, err := parseMember(dec, names)
		if err != nil {
			return nil, notJSON(err)
		}
		if p.kind != 0 {
			ps = append(ps, p)
		}
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, notJSON(err)
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, fault.Invalid("body", "must be one JSON object and nothing after it")
	}
	return ps, nil
}

// parseMember reads one member of an object. It is of kind 0 if its name is
// not among names or its value is null.
func parseMember(dec *jsontext.Decoder, names []string) (param, error) {
	token, err := dec.ReadToken()
	if err != nil {
		return param{}, err
	}
	name := token.String()
	switch kind := dec.PeekKind(); {
	case kind == 'n' || !slices.Contains(names, name):
		return param{}, dec.SkipValue()
	case kind == '{' || kind == '[':
		return param{name: name, kind: kind}, dec.SkipValue()
	default:
		token, err = dec.ReadToken()
		return param{name, kind, token.String()}, err
	}
}

// notJSON returns a fault that names the field in which the decoder met err, or else the
// body.
func notJSON(err error) error {
	field := "body"
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		for name := range syntax.JSONPointer.Tokens() {
			if len(name) <= maxFieldBytes {
				field = name
			}
			break
		}
		err = syntax.Err
	}
	return fault.Invalid(field, "must be valid JSON: "+err.Error())
}
