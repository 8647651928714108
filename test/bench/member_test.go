package bench

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"example.com/im/idl/chat"
	"example.com/im/test/bench/load"
	"example.com/im/test/bench/message"
	"example.com/im/test/bench/report"
)

// What a member with a large inbox, one that syncs, and a group are called.
const (
	collector = "v"
	syncer    = "s"
	crowd     = "crowd"
	// syncedChats are those of the syncer, of which newsChats have news.
	syncedChats, newsChats = 1000, 10
	// gap is between the messages of two chats of an inbox.
	gap = 10 * time.Second
)

// members measures what is answered for members rather than for chats.
func (w *world) members() {
	sys := w.start(w.T, spec{database: "member", rpcServers: 1, settings: []string{"MAX_REQUESTS=50000", "MAX_CONNECTIONS=50000"}})
	w.fill(sys.dsn, filling{chats: message.Chats, each: 1, lanes: true})
	w.collect(collector, w.scale.inbox)
	w.collect(syncer, min(syncedChats, w.scale.inbox))
	w.takeOver("member")
	s := w.section("Members", fmt.Sprintf("The newest %d chats of a member with %s; a sync of %d chats of which %d have news, without and with "+
		"sends to %s other chats; sends to a group and to two, and those to a group while all its members mark what they have read.",
		pageSize, report.Number(float64(w.scale.inbox)), syncedChats, newsChats, report.Number(message.Chats)))
	inbox := w.closedOn(sys, "ours", 1, load.Inbox(collector, pageSize))
	inbox.load = fmt.Sprintf("inbox of %s, %s", report.Number(float64(w.scale.inbox)), inbox.load)
	w.compare(s, inbox)
	w.syncs(s, sys)
	w.group(s, sys)
	w.membersWait(s, sys)
}

// collect gives a member so many chats with a message each, the newest of them now.
func (w *world) collect(member string, chats int) {
	w.Helper()
	db := w.sql("member")
	newest := time.Now().UnixMicro()
	w.must(db.Exec("INSERT INTO messages (chat, send_time, sender, text)"+
		" SELECT CONCAT('c', LPAD(seq, 6, '0'), ':', ?), ? - seq * ?, ?, ? FROM seq_1_to_"+fmt.Sprint(chats),
		member, newest, gap.Microseconds(), member, message.Text(0)))
	w.must(db.Exec("UPDATE lanes SET last_send_time = GREATEST(last_send_time, ?)", newest))
}

// syncs measures a sync from a cursor after which ten chats have got a message.
func (w *world) syncs(s *report.Section, sys *system) {
	w.Helper()
	client := load.NewClient(sys.url)
	defer client.Close()
	cursor := w.syncCursor(sys)
	for i := range newsChats {
		w.ask(client, load.Post("/api/send", func(uint64) string {
			return fmt.Sprintf(`{"chat":"c%06d:%s","sender":"%s","text":"news"}`, 1+i*7, syncer, syncer)
		}), nil)
	}
	request := load.Get(func(uint64) string { return "/api/sync?member=" + syncer + "&cursor=" + cursor })
	quiet := w.closedOn(sys, "ours", 1, request)
	quiet.load = "sync, nobody sends"
	w.compare(s, quiet)
	busy := quiet
	busy.load = "sync, others send"
	sends := w.openedOn(sys, "ours", w.scale.conns[0], 200, load.Send(message.Chats))
	length := time.Duration(w.scale.trials)*(w.scale.length+w.scale.warm) + time.Second
	done := make(chan *load.Result, 1)
	go func() { done <- sends.run(w.ctx, length) }()
	w.compare(s, busy)
	<-done
}

// ask makes one request, and decodes its answer.
func (w *world) ask(client *load.Client, request load.Request, answer any) {
	w.Helper()
	status, body, err := client.Do(w.ctx, request, 0, waitTimeout)
	if err == nil && answer != nil {
		err = json.Unmarshal(body, answer)
	}
	if err != nil || status != http.StatusOK {
		w.Fatalf("%d, %v: %.300s", status, err, body)
	}
}

// group measures sends to a group, beside sends to a chat of two, and beside marks.
func (w *world) group(s *report.Section, sys *system) {
	w.Helper()
	client := load.NewClient(sys.url)
	defer client.Close()
	member := func(i int) string { return fmt.Sprintf("u%d", i%w.scale.group) }
	for from := 0; from < w.scale.group; from += chat.MaxChangeNames {
		var names []string
		for i := from; i < min(from+chat.MaxChangeNames, w.scale.group); i++ {
			names = append(names, `"`+member(i)+`"`)
		}
		w.ask(client, load.Post("/api/members", func(uint64) string {
			return fmt.Sprintf(`{"chat":"%s","by":"u0","add":[%s]}`, crowd, strings.Join(names, ","))
		}), nil)
	}
	sendsTo := func(name string, sender func(n uint64) string) load.Request {
		return load.Post("/api/send", func(n uint64) string {
			return fmt.Sprintf(`{"chat":"%s","sender":"%s","text":"%s"}`, name, sender(n), message.Text(n))
		})
	}
	conns := w.scale.conns[0]
	toTwo := w.closedOn(sys, "ours", conns, sendsTo("u0:u1", func(n uint64) string { return member(int(n % 2)) }))
	toGroup := w.closedOn(sys, "ours", conns, sendsTo(crowd, func(n uint64) string { return member(int(n)) }))
	toTwo.load, toGroup.load = "sends to two", fmt.Sprintf("sends to a group of %d", w.scale.group)
	w.compare(s, toTwo, toGroup)
	s.Add("a send to two / to the group", "", report.Ratios(s.Row(toTwo.load, "ours").Rates(), s.Row(toGroup.load, "ours").Rates())...)
	w.marks(s, conns)
}
