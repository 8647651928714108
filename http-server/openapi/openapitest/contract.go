// Package openapitest checks answers against the contract of the API, for tests.
//
// A contract is an OpenAPI document. An operation is a call in it, with the answers that
// the call may have. A transport checks the answers that pass through it to a client.
package openapitest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	rules "github.com/pb33f/libopenapi-validator/errors"
	"github.com/pb33f/libopenapi-validator/responses"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"

	"example.com/im/http-server/openapi"
)

// shownBytes is how much of a body an error repeats.
const shownBytes = 500

// Answer is what a client got.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Contract is a document in a form against which answers can be checked. It is safe for
// concurrent use.
type Contract struct {
	Document *v3.Document // for tests that compare it with the code
	routes   routes

	mu    sync.Mutex // of the validators: v0.14.0 writes into the document when it meets a schema
	whole responses.ResponseBodyValidator
	heads responses.ResponseBodyValidator // does not look at bodies
}

// Ours returns the contract of the API.
var Ours = sync.OnceValues(func() (*Contract, error) { return Parse(openapi.Document()) })

// Parse returns the contract of a document in YAML. It fails if the document is not as
// OpenAPI asks for.
func Parse(document string) (*Contract, error) {
	d, err := libopenapi.NewDocument([]byte(document))
	if err != nil {
		return nil, err
	}
	model, err := d.BuildV3Model()
	if err != nil {
		return nil, err
	}
	whole, errs := validator.NewValidator(d)
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	if ok, broken := whole.ValidateDocument(); !ok {
		return nil, fmt.Errorf("it is not as OpenAPI asks for: %w", joined(broken))
	}
	heads := validator.NewValidatorFromV3Model(&model.Model, config.WithoutResponseBodyValidation())
	return &Contract{
		Document: &model.Model, routes: newRoutes(&model.Model),
		whole: whole.GetResponseBodyValidator(), heads: heads.GetResponseBodyValidator(),
	}, nil
}

// Path returns a request's path as the document writes it, or "" if the document does
// not have it.
func (c *Contract) Path(path string) string { return c.routes.match(path) }

// Check returns an error that says in what an answer breaks the contract. Of the request
// only the method and the path count.
func (c *Contract) Check(method, path string, a Answer) error {
	err := c.check(c.routes.find(method, path), method == http.MethodHead, a)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	return nil
}

// CheckAny is Check for an unknown request: the answer must be one to some request. With
// head it was a HEAD, and there must be no body.
func (c *Contract) CheckAny(head bool, a Answer) error {
	errs := []error{fmt.Errorf("no request has the answer %d", a.Status)}
	for _, op := range c.routes.all {
		if op.answer(a.Status) == nil {
			continue
		}
		err := c.check(op, head, a)
		if err == nil {
			return nil
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// check checks an answer against those of an operation.
func (c *Contract) check(op operation, head bool, a Answer) error {
	request := &http.Request{Method: http.MethodGet, URL: op.url}
	response := &http.Response{StatusCode: a.Status, Header: op.quoted(a), Body: io.NopCloser(bytes.NewReader(a.Body))}
	v := c.whole
	if head {
		v = c.heads
	}
	c.mu.Lock()
	ok, broken := v.ValidateResponseBodyWithPathItem(request, response, op.item, op.url.Path)
	c.mu.Unlock()
	switch {
	case !ok:
		return fmt.Errorf("the answer %d %.*s is not as the contract has it: %w", a.Status, shownBytes, a.Body, joined(broken))
	case (op.hasBody(a.Status) && !head) != (len(a.Body) > 0): // the validator accepts none
		return fmt.Errorf("the answer %d has a body of %d bytes", a.Status, len(a.Body))
	}
	return nil
}

// joined returns the rules that are broken as one error.
func joined(broken []*rules.ValidationError) error {
	errs := make([]error, 0, len(broken))
	for _, b := range broken {
		errs = append(errs, fmt.Errorf("%s: %s", b.Message, b.Reason))
		for _, s := range b.SchemaValidationErrors {
			errs = append(errs, fmt.Errorf("%s (at %s)", s.Reason, s.KeywordLocation))
		}
	}
	return errors.Join(errs...)
}
