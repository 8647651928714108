package gateway

import (
	"bytes"
	"errors"
	"io"
	"slices"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/go-json-experiment/json/jsontext"

	"example.com/im/http-server/fault"
)

// maxBodyBytes bounds the body of a request.
const maxBodyBytes = 128 << 10

// maxFieldBytes is the length of the longest field name that an error repeats.
const maxFieldBytes = 64

// readBody returns the body of a request. Hertz hands it over as a stream, which
// holds no more memory than has arrived.
func readBody(c *app.RequestContext) ([]byte, error) {
	size := c.Request.Header.ContentLength() // negative: not known
	if size > maxBodyBytes {
		return nil, bodyTooLarge(c)
	}
	if !c.Request.IsBodyStream() {
		return c.Request.Body(), nil
	}
	if size < 0 {
		size = maxBodyBytes + 1
	}
	// The stream itself (Hertz v0.10.4) reads on into the next request.
	body, err := io.ReadAll(io.LimitReader(c.RequestBodyStream(), int64(size)))
	switch {
	case err != nil:
		abandonBody(c)
		return nil, fault.Invalid("body", "must arrive whole and in time")
	case len(body) > maxBodyBytes:
		return nil, bodyTooLarge(c)
	}
	return body, nil
}

// bodyTooLarge refuses the request.
func bodyTooLarge(c *app.RequestContext) error {
	abandonBody(c)
	return &fault.Error{Code: fault.TooLarge, Message: "body: must be at most 131072 bytes long"}
}

// abandonBody closes the connection after the answer. Hertz would first read
// the rest of the body, however long it is.
func abandonBody(c *app.RequestContext) {
	_ = c.Request.CloseBodyStream()
	c.SetConnectionClose()
}

// parseBody appends the members of the JSON object in body that are among
// names to ps, where the first of a name counts. The Content-Type is of no
// interest; syntax and encoding of the whole body are.
func parseBody(ps params, body []byte, names ...string) (params, error) {
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

// notJSON names the field, or else the body, in which the decoder met err.
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
