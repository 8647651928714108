package bench

import (
	"fmt"

	"example.com/im/idl/chat"
	"example.com/im/test/bench/load"
	"example.com/im/test/bench/message"
	"example.com/im/test/bench/report"
)

// The members whose inboxes are read: one is in all chats there can be, one in every
// tenth.
const (
	inAll   = message.Sender
	inTenth = "t"
)

// inboxes measures the first page of an inbox, and what it costs the sends that
// chats are listed.
func (w *world) inboxes() {
	sys := w.start(w.T, spec{database: "inbox", rpcServers: 1})
	f := filling{chats: message.Chats, each: w.scale.inboxEach, lanes: true}
	w.fill(sys.dsn, f)
	db := w.sql("inbox")
	w.must(db.Exec("INSERT INTO members (member, chat, lane, moved, touched) SELECT ?, chat, lane, moved, touched FROM members"+
		" WHERE member = ? AND chat LIKE 'a___0:b'", inTenth, inAll))
	w.must(db.Exec("ANALYZE TABLE messages, members"))
	w.must(db.Exec("DO (SELECT SUM(LENGTH(text)) FROM messages)")) // warms the buffer pool
	s := w.section("Inboxes", fmt.Sprintf("The newest %d chats of a member, in a table of %s messages in %s chats; the buffer pool is warm. "+
		"Then sends to chats that are new, by the store in this process, and to chats that are known.",
		pageSize, report.Number(float64(f.chats*f.each)), report.Number(float64(f.chats))))
	var contenders []contender
	for _, reader := range []struct {
		member string
		chats  int
	}{{inTenth, f.chats / 10}, {inAll, f.chats}} {
		for _, readers := range []int{1, 4} {
			c := w.closedOn(sys, "ours", readers, load.Inbox(reader.member, pageSize))
			c.load = fmt.Sprintf("%s chats, %s", report.Number(float64(reader.chats)), c.load)
			contenders = append(contenders, c)
		}
	}
	w.compare(s, contenders...)
	w.newChats(s)
}

// newChats measures sends that each make a chat.
func (w *world) newChats(s *report.Section) {
	w.Helper()
	callers := w.scale.conns[0]
	fresh := w.storeTo(callers, func(n uint64) chat.Name { return chat.Name(fmt.Sprintf("b:new%d", n)) })
	known := w.store(callers)
	fresh.load, known.load = "sends to new chats", "sends to known chats"
	w.compare(s, fresh, known)
	s.Add("sends to new / to known chats", "", report.Ratios(s.Row(fresh.load, "store").Rates(), s.Row(known.load, "store").Rates())...)
}
