package idl

import "example.com/im/idl/gen/im"

// Answer is what the answers of all methods have in common, and those in shared calls.
type Answer interface {
	GetCode() im.Code
	GetMsg() string
}
