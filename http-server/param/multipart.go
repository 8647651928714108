package param

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"

	"example.com/im/http-server/fault"
)

// parseMultipart appends to ps those parts of multipart/form-data (RFC 7578) whose name is
// among names. A file is a value like others.
func parseMultipart(ps Set, body []byte, contentType string, names []string) (Set, error) {
	kind, attributes, _ := mime.ParseMediaType(contentType)
	if kind != "multipart/form-data" || attributes["boundary"] == "" {
		return nil, fault.Invalid("body", "must be multipart/form-data with the boundary that its Content-Type names: it begins with "+
			Shown(string(body), maxShown/2)+", and the Content-Type is "+Shown(contentType, maxShown/2))
	}
	last := []byte("--" + attributes["boundary"] + "--")
	if !bytes.HasPrefix(body, last) && !bytes.Contains(body, append([]byte("\n"), last...)) {
		return nil, notWhole(io.ErrUnexpectedEOF) // which the reader does not see in each place
	}
	before := len(ps)
	parts := multipart.NewReader(bytes.NewReader(body), attributes["boundary"])
	for {
		part, err := parts.NextPart()
		if err == io.EOF { //nolint:errorlint // an EOF that is wrapped is that of a body cut off
			return ps, nil
		}
		var value []byte
		if err == nil {
			value, err = io.ReadAll(part)
		}
		if err != nil {
			return nil, notWhole(err)
		}
		ps, err = ps.add(before, param{name: part.FormName(), kind: '"', text: string(value)}, names)
		if err != nil {
			return nil, err
		}
	}
}

// notWhole returns the fault of a body whose parts cannot be read because of err.
func notWhole(err error) error {
	return fault.Invalid("body", "must be whole multipart/form-data with the boundary that its Content-Type names: "+
		Shown(err.Error(), maxShown))
}
