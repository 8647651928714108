package im

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/cloudwego/gopkg/protocol/thrift"
	"github.com/cloudwego/kitex/pkg/remote"
	"github.com/cloudwego/kitex/pkg/remote/codec"
	"github.com/cloudwego/kitex/pkg/remote/codec/perrors"
	"github.com/cloudwego/kitex/pkg/remote/trans/netpoll"
	"github.com/cloudwego/kitex/server"
)

const (
	// maxCallBytes bounds a call. A text as long as the gateway's largest body still
	// fits: it is worth an answer, which says that it is too long.
	maxCallBytes = 256 << 10
	// maxAheadBytes bounds what a client may have sent ahead when a call is read.
	// Netpoll v0.7.2 reads on, whether or not anybody takes it. Only the call's
	// deadline bounds what arrives while the call is answered.
	maxAheadBytes = 4 * maxCallBytes
	// maxMethodBytes bounds the name of a method.
	maxMethodBytes = 64
	// messageHead is what precedes the name: version and type, and the name's length.
	messageHead = 8
	// sequenceBytes are between the name and the arguments.
	sequenceBytes = 4
)

// thriftAlone leaves out gRPC and streams. By default Kitex serves them at the same
// port.
func thriftAlone() server.Option {
	return server.WithTransHandlerFactory(netpoll.NewSvrTransHandlerFactory())
}

// boundedCodec is Kitex's codec with bounds. In v0.16.3 Kitex believes every length: a
// method's name of alleged 2 GB takes 2 GB of memory before it has arrived, and a call
// may have any size. An error of this codec ends the connection.
type boundedCodec struct {
	remote.Codec
	meta remote.MetaDecoder
}

func newCodec() remote.Codec {
	c := codec.NewDefaultCodec()
	meta, ok := c.(remote.MetaDecoder)
	if !ok {
		panic("Kitex's codec decodes in two steps")
	}
	return boundedCodec{c, meta}
}

// DecodeMeta reads what precedes a message.
func (c boundedCodec) DecodeMeta(ctx context.Context, m remote.Message, in remote.ByteBuffer) error {
	if err := c.meta.DecodeMeta(ctx, m, in); err != nil {
		return err
	}
	if n := m.PayloadLen(); n < 0 || n > maxCallBytes {
		return perrors.NewProtocolErrorWithMsg(fmt.Sprintf("a call of %d bytes is too large", n))
	}
	if n := in.ReadableLen(); n > maxAheadBytes {
		return perrors.NewProtocolErrorWithMsg(fmt.Sprintf("%d bytes are too much ahead of the answers", n))
	}
	return nil
}

// DecodePayload reads a message. Thrift's decoder (cloudwego/gopkg v0.2.0) panics at a
// field whose type does not exist, and believes the length that a list names.
func (c boundedCodec) DecodePayload(ctx context.Context, m remote.Message, in remote.ByteBuffer) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = remote.NewTransErrorWithMsg(remote.ProtocolError, fmt.Sprintf("message: %v", p))
		}
	}()
	head, err := in.Peek(messageHead)
	if err != nil {
		return perrors.NewProtocolErrorWithErrMsg(err, "message: "+err.Error())
	}
	name := binary.BigEndian.Uint32(head[messageHead/2:])
	if name > maxMethodBytes {
		return perrors.NewProtocolErrorWithMsg(fmt.Sprintf("a method's name of %d bytes is too long", name))
	}
	if m.PayloadLen() == 0 { // not framed: the decoder skips it to find its end
		return c.meta.DecodePayload(ctx, m, boundedBuffer{in})
	}
	message, err := in.Peek(m.PayloadLen())
	if err != nil {
		return perrors.NewProtocolErrorWithErrMsg(err, "message: "+err.Error())
	}
	if begin := messageHead + int(name) + sequenceBytes; !whole(message, begin) {
		in = remote.NewReaderBuffer(message[:min(begin, len(message))]) // enough for the answer, which names the method
	}
	return c.meta.DecodePayload(ctx, m, in)
}

// whole reports whether a message holds all its arguments, which start at begin.
// Generated code makes room for a list before it reads the first element: an alleged
// list of 2 billion sends would end the process. (The decoder of messages that are not
// framed checks this itself.)
func whole(message []byte, begin int) (whole bool) {
	defer func() {
		if recover() != nil { // a field whose type does not exist
			whole = false
		}
	}()
	if begin >= len(message) {
		return false
	}
	_, err := thrift.Binary.Skip(message[begin:], thrift.STRUCT)
	return err == nil
}

// boundedBuffer is the input of a message whose length is not known.
type boundedBuffer struct{ remote.ByteBuffer }

// Peek returns the next n bytes. The decoder asks for the message's bytes up to where
// it reads.
func (b boundedBuffer) Peek(n int) ([]byte, error) {
	if n > maxCallBytes {
		return nil, perrors.NewProtocolErrorWithMsg("a call that is not framed is too large")
	}
	return b.ByteBuffer.Peek(n)
}
