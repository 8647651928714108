package im_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/cloudwego/gopkg/protocol/thrift"

	"example.com/im/idl/gen/im"
)

// Message types of Thrift.
const (
	call      = 1
	reply     = 2
	exception = 3
)

// Types of Thrift's fields.
const (
	tStop   = byte(thrift.STOP)
	tBool   = byte(thrift.BOOL)
	tI64    = byte(thrift.I64)
	tString = byte(thrift.STRING)
	tStruct = byte(thrift.STRUCT)
	tMap    = byte(thrift.MAP)
	tList   = byte(thrift.LIST)
)

// wireMessage returns a message as Thrift's binary protocol writes it. arguments
// are the fields of the method's arguments, up to their stop.
func wireMessage(method string, kind byte, arguments []byte) []byte {
	b := []byte{0x80, 1, 0, kind}
	b = binary.BigEndian.AppendUint32(b, uint32(len(method)))
	b = append(b, method...)
	b = append(b, 0, 0, 0, 7) // sequence id
	return append(b, arguments...)
}

// argument returns the arguments of a method that has one, with the given id.
func argument(id byte, fields []byte) []byte {
	b := append([]byte{tStruct, 0, id}, fields...)
	return append(b, tStop)
}

// encode returns the fields of a struct, up to its stop.
func encode(v thrift.FastCodec) []byte {
	b := make([]byte, v.BLength())
	return b[:v.FastWriteNocopy(b, nil)]
}

// framed puts the length before a message.
func framed(message []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(message))), message...)
}

// ttheader puts a TTHeader with the given info, whose length must be a multiple
// of 4 less 2, before a message.
func ttheader(info, message []byte) []byte {
	b := []byte{0x10, 0, 0, 0, 0, 0, 0, 7, 0, byte((len(info) + 2) / 4), 0, 0}
	return framed(append(append(b, info...), message...))
}

// answer is a server's framed message.
type answer struct {
	kind   byte
	fields []byte // of the result, or of the exception
}

// readAnswer reads a framed answer.
func readAnswer(r io.Reader) (answer, error) {
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return answer{}, err
	}
	n := binary.BigEndian.Uint32(size[:])
	if n > 4<<20 {
		return answer{}, fmt.Errorf("the answer is of %d bytes", n)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		return answer{}, err
	}
	if len(b) < 12 || b[0] != 0x80 || b[1] != 1 {
		return answer{}, errors.New("the answer is no message")
	}
	name := binary.BigEndian.Uint32(b[4:])
	if int64(name)+12 > int64(len(b)) {
		return answer{}, errors.New("the answer's name is cut off")
	}
	return answer{b[3], b[12+name:]}, nil
}

// seed is a call.
type seed struct {
	method    string
	arguments []byte
}

// callSeeds returns calls of many kinds, good and bad.
func callSeeds() []seed {
	key, yes, cursor := "k", true, "AQAGYQjDmtGYYTpi"
	message := &im.Message{Chat: "john:doe", Text: "hi", Sender: "John"}
	sendArgs := argument(1, encode(&im.SendRequest{Message: message}))
	pullArgs := argument(2, encode(&im.PullRequest{Chat: "john:doe", Cursor: 5, Limit: 20, Reverse: &yes}))
	nested := bytes.Repeat([]byte{tStruct, 0, 9}, 100)
	return []seed{
		{"Send", sendArgs},
		{"Send", argument(1, encode(&im.SendRequest{Message: message, IdempotencyKey: &key}))},
		{"Send", []byte{tStop}}, // no request
		{"Send", nil},
		{"Send", argument(1, []byte{tStop})}, // no message
		{"Send", argument(1, argument(1, []byte{tStop}))},
		{"Send", argument(1, []byte{tString, 0, 1, 0, 0, 0, 1, 'x', tStop})}, // of another type
		{"Send", argument(1, argument(1, []byte{tString, 0, 2, 0x7f, 0xff, 0xff, 0xff, 'x', tStop}))},
		{"Send", argument(1, argument(1, []byte{tString, 0, 2, 0xff, 0xff, 0xff, 0xff, 'x', tStop}))},
		{"Send", argument(1, nested)},
		{"Send", argument(1, []byte{tList, 0, 9, tBool, 0x7f, 0xff, 0xff, 0xff, tStop})},
		{"Send", argument(1, []byte{tMap, 0, 9, tI64, tMap, 0xff, 0xff, 0xff, 0xff, tStop})},
		{"Send", argument(1, []byte{0x55, 0, 9, tStop})},
		{"Send", argument(1, []byte{0xc5, 0, 9, 1, 1})}, // panics in cloudwego/gopkg v0.2.0
		{"Pull", pullArgs},
		{"Pull", argument(1, encode(&im.PullRequest{Chat: "john:doe"}))}, // under another number
		{"Pull", argument(2, encode(&im.PullRequest{Chat: "\xff:", Cursor: -1, Limit: -1}))},
		{"Pull", []byte{tStop}},
		{"SendAll", argument(1, encode(&im.SendAllRequest{Sends: []*im.SendRequest{{Message: message}, {Message: &im.Message{}}}}))},
		{"SendAll", argument(1, []byte{tList, 0, 1, tStruct, 0x7f, 0xff, 0xff, 0xff, tStop})},
		{"SendAll", []byte{tStop}},
		{"PullAll", argument(1, encode(&im.PullAllRequest{Pulls: []*im.PullRequest{{Chat: "john:doe"}, {Limit: -1}}}))},
		{"PullAll", argument(1, []byte{tList, 0, 1, tStruct, 0xff, 0xff, 0xff, 0xff, tStop})},
		{"PullAll", []byte{tStop}},
		{"Chats", argument(1, encode(&im.ChatsRequest{Member: "John", Cursor: &cursor, Limit: 2}))},
		{"Chats", argument(1, encode(&im.ChatsRequest{Member: "\xff", Cursor: &key, Limit: -1}))},
		{"Chats", []byte{tStop}},
		{"Sync", argument(1, encode(&im.SyncRequest{Member: "John", Limit: 2, Groups: &yes}))},
		{"Sync", argument(1, encode(&im.SyncRequest{Member: "\xff", Cursor: &key, Limit: -1}))},
		{"Sync", []byte{tStop}},
		{"ChangeMembers", argument(1, encode(&im.ChangeMembersRequest{Chat: "team", By: "ann", Add: []string{"bob"}, Remove: []string{"eve"}}))},
		{"ChangeMembers", argument(1, []byte{tList, 0, 3, tString, 0x7f, 0xff, 0xff, 0xff, tStop})},
		{"ChangeMembers", []byte{tStop}},
		{"Members", argument(1, encode(&im.MembersRequest{Chat: "team", Limit: 2}))},
		{"Members", []byte{tStop}},
		{"Read", argument(1, encode(&im.ReadRequest{Chat: "ann:bob", Member: "ann", SendTime: 5}))},
		{"Read", []byte{tStop}},
		{"Health", argument(1, []byte{tStop})},
		{"Health", []byte{tStop}},
		{"Nope", argument(1, []byte{tStop})},
		{"", nil},
	}
}

// wireSeeds returns inputs in each transport, good and bad.
func wireSeeds() [][]byte {
	var inputs [][]byte
	for _, s := range callSeeds() {
		message := wireMessage(s.method, call, s.arguments)
		inputs = append(inputs, message, framed(message), ttheader([]byte{1, 0}, message))
	}
	health := wireMessage("Health", call, argument(1, []byte{tStop}))
	info := append([]byte{0x10, 0, 1, 0, 3, 0, 6}, "Health\x00"...)
	whole := ttheader(info, framed(health))
	return append(inputs,
		append(framed(health), framed(health)...),
		whole, whole[:len(whole)-3], whole[:14],
		framed(wireMessage("Health", reply, nil)), framed(wireMessage("Health", exception, nil)), framed(wireMessage("Health", 4, nil)),
		[]byte{0x7f, 0xff, 0xff, 0xff, 0x80, 1, 0, call, 0, 0, 0, 4, 'S', 'e', 'n', 'd'}, // 2 GB
		[]byte{0xff, 0xff, 0xff, 0xff, 0x80, 1, 0, call},
		[]byte{0, 0, 0, 0, 0x80, 1, 0, call},
		[]byte{0x80, 1, 0, call, 0x7f, 0xff, 0xff, 0xff, 'S'},
		[]byte{0x80, 1, 0, call, 0xff, 0xff, 0xff, 0xff, 'S'},
		[]byte{0x7f, 0xff, 0xff, 0xff, 0x10, 0, 0, 0, 0, 0, 0, 7, 0xff, 0xff, 0, 0},
		[]byte{0, 0, 0, 20, 0x10, 0, 0, 0, 0, 0, 0, 7, 0, 2, 0, 0xff, 0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		[]byte{0, 0, 0, 20, 0x10, 0, 0, 2, 0, 0, 0, 7, 0, 1, 0, 0, 0, 0},                 // heartbeat
		[]byte{0xff, 0xaf, 0, 4, 0, 1, 0xff, 0xff, 0x80, 1, 0, call},                     // mesh header
		[]byte{0, 0, 0, 9, 0x90, 1, 0, call, 0, 0, 0, 4, 'S', 'e', 'n', 'd', 0, 0, 0, 1}, // protobuf
		append([]byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 0, 0, 0, 4, 0, 0, 0, 0, 0),    // gRPC
		[]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
	)
}
