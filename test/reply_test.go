package test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

// reply is an answer.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// message and the types below are the JSON of the API.
type message struct {
	Chat     string `json:"chat"`
	Text     string `json:"text"`
	Sender   string `json:"sender"`
	SendTime int64  `json:"send_time"`
}

// change is a message that changes a group.
type change struct {
	message
	Added   []string `json:"added"`
	Removed []string `json:"removed"`
}

type page struct {
	Messages   []message `json:"messages"`
	HasMore    bool      `json:"has_more"`
	NextCursor int64     `json:"next_cursor"`
}

type apiError struct {
	Error struct {
		Code      string `json:"code"`
		Message   string `json:"message"`
		RequestID string `json:"request_id"`
	} `json:"error"`
}

// sent returns the answer of a send that must have succeeded.
func (r reply) sent(t testing.TB) message {
	t.Helper()
	var m message
	r.decode(t, http.StatusOK, &m)
	return m
}

// page returns the answer of a pull that must have succeeded.
func (r reply) page(t testing.TB) page {
	t.Helper()
	var p page
	r.decode(t, http.StatusOK, &p)
	return p
}

// decode reads an answer that must have the status and no field that v lacks.
func (r reply) decode(t testing.TB, status int, v any) {
	t.Helper()
	if r.status != status {
		t.Fatalf("status %d; want %d: %.500s", r.status, status, r.body)
	}
	if err := strictly(r.body, v); err != nil {
		t.Fatalf("%v: %.500s", err, r.body)
	}
}

// strictly parses one JSON value that has no field that v lacks.
func strictly(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the JSON value")
	}
	return nil
}

// wantError checks that an answer is an error of the API, with a message that
// contains text.
func (r reply) wantError(t testing.TB, status int, code, text string) {
	t.Helper()
	var e apiError
	r.decode(t, status, &e)
	if e.Error.Code != code || !strings.Contains(e.Error.Message, text) {
		t.Errorf("error = %+v; want %s: … %s …", e.Error, code, text)
	}
	if id := r.header.Get("X-Request-ID"); id == "" || e.Error.RequestID != id {
		t.Errorf("request_id = %q; want the header's, %q", e.Error.RequestID, id)
	}
	if got := r.header.Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type = %q; want application/json", got)
	}
}
