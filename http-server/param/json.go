package param

import (
	"bytes"
	"errors"
	"io"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/im/http-server/fault"
)

// parseJSON appends to ps the members of the JSON object in body that are among names.
// It checks syntax and encoding of the whole body, which begins with a brace.
func parseJSON(ps Set, body []byte, names []string) (Set, error) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(body))
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
		after := bytes.TrimSpace(body[dec.InputOffset():])
		return nil, fault.Invalid("body", "must be one JSON object and nothing after it: it goes on with "+Shown(string(after), maxShown))
	}
	return ps, nil
}

// parseMember reads one member of an object. It is of kind 0 if its name is not among
// names, or if its value is null or empty.
func parseMember(dec *jsontext.Decoder, names []string) (param, error) {
	token, err := dec.ReadToken()
	if err != nil {
		return param{}, err
	}
	name := token.String()
	switch kind := dec.PeekKind(); {
	case kind == 'n' || !slices.Contains(names, name):
		return param{}, dec.SkipValue()
	case kind == '[':
		return parseList(dec, name)
	case kind == '{':
		return param{name: name, kind: kind}, dec.SkipValue()
	default:
		token, err = dec.ReadToken()
		if err != nil {
			return param{}, err
		}
		text := token.String() // once: it may be long
		if kind == '"' && text == "" {
			return param{}, nil
		}
		return param{name: name, kind: kind, text: text}, nil
	}
}

// parseList reads a list.
func parseList(dec *jsontext.Decoder, name string) (param, error) {
	p := param{name: name, kind: '['}
	if _, err := dec.ReadToken(); err != nil {
		return p, err
	}
	for dec.PeekKind() != ']' {
		kind := dec.PeekKind()
		value, err := dec.ReadValue()
		if err != nil {
			return p, err
		}
		if kind == '"' {
			text, err := jsontext.AppendUnquote(nil, value)
			if err != nil {
				return p, err
			}
			p.list = append(p.list, string(text))
		} else if p.odd == "" {
			p.odd = param{kind: kind, text: string(value)}.seen()
		}
	}
	_, err := dec.ReadToken()
	return p, err
}

// notJSON returns a fault that names the field in which the decoder met err, or else the
// body.
func notJSON(err error) error {
	field := "body"
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		for name := range syntax.JSONPointer.Tokens() {
			if isShort(name) {
				field = name
			}
			break
		}
		err = syntax.Err
	}
	return fault.Invalid(field, "must be valid JSON: "+err.Error())
}
