package main

import (
	"context"
	"slices"
	"time"

	"example.com/im/idl/gen/im"
	"example.com/im/test/bench/message"
)

// page is the number of messages of each answer to a pull.
const page = 20

// empty is an rpc-server that does nothing: what the frameworks alone can do.
type empty struct {
	base
	page *im.PullResponse
}

// newEmpty prepares the answer to every pull.
func newEmpty() *empty {
	first := time.Now().UnixMicro()
	more, next := true, first
	e := &empty{page: &im.PullResponse{HasMore: &more, NextCursor: &next}}
	for i := range page {
		e.page.Messages = append(e.page.Messages, &im.Message{
			Chat: message.Chat(0), Text: message.Text(uint64(i)), Sender: message.Sender, SendTime: first + int64(page-i),
		})
	}
	return e
}

// Send acknowledges.
func (*empty) Send(_ context.Context, req *im.SendRequest) (*im.SendResponse, error) {
	now := time.Now().UnixMicro()
	return &im.SendResponse{Chat: &req.Message.Chat, SendTime: &now}, nil
}

// SendAll acknowledges the sends that the product's http-server has put together.
func (e *empty) SendAll(ctx context.Context, req *im.SendAllRequest) (*im.SendAllResponse, error) {
	resp := &im.SendAllResponse{Answers: make([]*im.SendResponse, len(req.Sends))}
	for i, send := range req.Sends {
		resp.Answers[i], _ = e.Send(ctx, send) // it never fails
	}
	return resp, nil
}

// Pull answers the same page to everybody.
func (e *empty) Pull(context.Context, *im.PullRequest) (*im.PullResponse, error) { return e.page, nil }

// PullAll answers the pulls that the product's http-server has put together.
func (e *empty) PullAll(_ context.Context, req *im.PullAllRequest) (*im.PullAllResponse, error) {
	return &im.PullAllResponse{Answers: slices.Repeat([]*im.PullResponse{e.page}, len(req.Pulls))}, nil
}
