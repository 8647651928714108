package im

import (
	"context"
	"errors"

	"example.com/im/idl/gen/im"
)

// errNoGroups refuses what this version cannot do yet.
var errNoGroups = errors.New("groups, sync and read marks are not served yet")

func (h *handler) Sync(context.Context, *im.SyncRequest) (*im.SyncResponse, error) {
	return &im.SyncResponse{Code: im.Code_UNAVAILABLE, Msg: errNoGroups.Error()}, nil
}

func (h *handler) ChangeMembers(context.Context, *im.ChangeMembersRequest) (*im.ChangeMembersResponse, error) {
	return &im.ChangeMembersResponse{Code: im.Code_UNAVAILABLE, Msg: errNoGroups.Error()}, nil
}

func (h *handler) Members(context.Context, *im.MembersRequest) (*im.MembersResponse, error) {
	return &im.MembersResponse{Code: im.Code_UNAVAILABLE, Msg: errNoGroups.Error()}, nil
}

func (h *handler) Read(context.Context, *im.ReadRequest) (*im.ReadResponse, error) {
	return &im.ReadResponse{Code: im.Code_UNAVAILABLE, Msg: errNoGroups.Error()}, nil
}
