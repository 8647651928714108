package rpc

import (
	"errors"
	"fmt"

	"github.com/cloudwego/gopkg/protocol/thrift"
	"github.com/cloudwego/kitex/pkg/kerrors"

	"example.com/im/http-server/fault"
	"example.com/im/idl"
	"example.com/im/idl/gen/im"
)

// codes are the rpc-servers' codes that clients see. Others are internal.
var codes = map[im.Code]fault.Code{
	im.Code_INVALID_ARGUMENT: fault.InvalidArgument,
	im.Code_KEY_REUSED:       fault.KeyReused,
	im.Code_UNAVAILABLE:      fault.Unavailable,
	im.Code_TIMEOUT:          fault.Timeout,
	im.Code_NOT_FOUND:        fault.NotFound,
	im.Code_FORBIDDEN:        fault.Forbidden,
}

// resultOf returns the response of a call of Kitex's, or the error that its code or err
// means.
func resultOf[R idl.Answer](response R, err error) (R, error) {
	if err != nil {
		return response, fromKitex(err)
	}
	return response, fromCode(response)
}

// fromCode turns the code of a response into an error.
func fromCode(a idl.Answer) error {
	if a.GetCode() == im.Code_OK {
		return nil
	}
	if c, ok := codes[a.GetCode()]; ok {
		return &fault.Error{Code: c, Message: a.GetMsg()}
	}
	return fmt.Errorf("rpc-server answers %s: %s", a.GetCode(), a.GetMsg())
}

// notSent are Kitex's errors of calls that have not left. That an error also is
// [kerrors.ErrRemoteOrNetwork] says nothing: Kitex v0.16.3 wraps it around these.
var notSent = []error{
	kerrors.ErrServiceDiscovery,
	kerrors.ErrNoMoreInstance,
	kerrors.ErrGetConnection,
	kerrors.ErrCircuitBreak,
	kerrors.ErrOverlimit,
}

// fromKitex turns an error of Kitex into one for clients. An exception stays a defect,
// unless it says that the rpc-server does not know the call. Any other error, unless it surely came before the call left, is a timeout: the message
// may have been stored.
func fromKitex(err error) error {
	for _, target := range notSent {
		if errors.Is(err, target) {
			return &fault.Error{Code: fault.Unavailable, Message: "no rpc-server can be reached: try again", Cause: err}
		}
	}
	if isUnknownMethod(err) {
		return &fault.Error{Code: fault.Unavailable, Message: "the rpc-server is of an earlier version, which does not know this call", Cause: err}
	}
	if isException(err) {
		return err
	}
	return &fault.Error{Code: fault.Timeout, Message: "no answer in time: it is not known what became of the request", Cause: err}
}

// isException reports whether the rpc-server has answered with an exception instead of a
// response. That is a defect of the rpc-server, such as a panic.
func isException(err error) bool {
	_, ok := errors.AsType[*thrift.ApplicationException](err)
	return ok
}

// isUnknownMethod reports whether an rpc-server has answered that it does not know the
// method, as one of an earlier version does. The call has done nothing.
func isUnknownMethod(err error) bool {
	e, ok := errors.AsType[*thrift.ApplicationException](err)
	return ok && e.TypeId() == thrift.UNKNOWN_METHOD
}
