package openapitest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
	"github.com/pb33f/libopenapi/orderedmap"
)

// Answers that belong to no operation. They are components of the document.
const (
	notFound         = "NotFound"
	methodNotAllowed = "MethodNotAllowed"
	toOptions        = "Options"
)

// everywhere are the components of answers that any request may have, even where the
// document has no operation.
var everywhere = map[string]int{"Forbidden": http.StatusForbidden, "Misdirected": http.StatusMisdirectedRequest}

// pages is the tag of what is no call. A call's path may have a slash at its end.
const pages = "pages"

// operation has the answers of a call. Whatever the call's method is, they are answers
// to a GET here, because the validator knows only the usual methods.
type operation struct {
	url  *url.URL
	item *v3.PathItem
}

// answer returns the answer with the status, or nil if there is none.
func (o operation) answer(status int) *v3.Response {
	return o.item.Get.Responses.Codes.GetOrZero(strconv.Itoa(status))
}

// hasBody reports whether answers with the status have a body.
func (o operation) hasBody(status int) bool {
	answer := o.answer(status)
	return answer != nil && answer.Content != nil && answer.Content.Len() > 0
}

// quoted returns the headers of an answer in a form in which those that are strings
// stay strings. (libopenapi-validator v0.14.0 to v0.16.2 takes each value for an
// escaped query value and then, where it can, for JSON: the id 12 would be a number.)
func (o operation) quoted(a Answer) http.Header {
	answer := o.answer(a.Status)
	if answer == nil || answer.Headers == nil {
		return a.Header
	}
	headers := a.Header.Clone()
	for name, header := range answer.Headers.FromOldest() {
		if !slices.Contains(header.Schema.Schema().Type, "string") {
			continue
		}
		for i, value := range headers[http.CanonicalHeaderKey(name)] {
			text, err := json.Marshal(value)
			if err == nil {
				headers[http.CanonicalHeaderKey(name)][i] = url.QueryEscape(string(text))
			}
		}
	}
	return headers
}

// routes finds operations.
type routes struct {
	paths map[string]map[string]operation // template → method
	calls map[string]bool                 // templates that may have a slash at their end
	rest  map[string]operation            // those that belong to no path, by component
	all   []operation
}

func newRoutes(d *v3.Document) routes {
	r := routes{paths: map[string]map[string]operation{}, calls: map[string]bool{}, rest: map[string]operation{}}
	for template, item := range d.Paths.PathItems.FromOldest() {
		r.paths[template] = map[string]operation{}
		for method, o := range item.GetOperations().FromOldest() {
			r.paths[template][strings.ToUpper(method)] = r.add(template, o.Responses)
			r.calls[template] = !slices.Contains(o.Tags, pages)
		}
	}
	for component, status := range map[string]int{
		notFound: http.StatusNotFound, methodNotAllowed: http.StatusMethodNotAllowed, toOptions: http.StatusNoContent,
	} {
		answers := orderedmap.New[string, *v3.Response]()
		addComponent(answers, d, component, status)
		for component, status := range everywhere {
			addComponent(answers, d, component, status)
		}
		r.rest[component] = r.add("/", &v3.Responses{Codes: answers})
	}
	return r
}

// addComponent adds the answer that is a component of the document, if it has that.
func addComponent(answers *orderedmap.Map[string, *v3.Response], d *v3.Document, component string, status int) {
	if answer, ok := d.Components.Responses.Get(component); ok {
		answers.Set(strconv.Itoa(status), answer)
	}
}

// add makes an operation of its answers.
func (r *routes) add(path string, answers *v3.Responses) operation {
	o := operation{&url.URL{Path: path}, &v3.PathItem{Get: &v3.Operation{Responses: answers}}}
	r.all = append(r.all, o)
	return o
}

// find returns the operation that answers a request. HEAD is answered as GET is.
func (r *routes) find(method, path string) operation {
	methods := r.paths[r.match(path)]
	if method == http.MethodHead {
		method = http.MethodGet
	}
	switch o, ok := methods[method]; {
	case ok:
		return o
	case methods == nil:
		return r.rest[notFound]
	case method == http.MethodOptions:
		return r.rest[toOptions]
	}
	return r.rest[methodNotAllowed]
}

// match returns a request's path as the document writes it, or "" if the document does
// not have it.
func (r *routes) match(path string) string {
	if _, ok := r.paths[path]; ok {
		return path
	}
	if call, ok := strings.CutSuffix(path, "/"); ok && r.calls[call] {
		return call
	}
	parts := strings.Split(path, "/")
	for template := range r.paths {
		if matches(strings.Split(template, "/"), parts) {
			return template
		}
	}
	return ""
}

// matches reports whether each part of a path is that of the template, or stands
// for a parameter.
func matches(template, path []string) bool {
	if len(template) != len(path) {
		return false
	}
	for i, part := range template {
		if part != path[i] && (!strings.HasPrefix(part, "{") || path[i] == "") {
			return false
		}
	}
	return true
}
