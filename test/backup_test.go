package test

import (
	"bytes"
	"database/sql"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/process"
)

// dumpOptions are those of docs/operate.md.
var dumpOptions = []string{"--single-transaction", "--hex-blob"}

// A dump that is taken under load restores to a state in which each chat is a prefix of
// what was acknowledged. All that clients hold goes on working on it: cursors from before
// the dump, cursors from after it, and keys.
func TestBackup(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	server, err := storetest.StartMariaDB(t, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Kill)
	dsn := server.Create(t, "im")
	s := process.StartSystem(t, dsn, patientSettings...)
	c := newClient(t, s.URLs()...)
	held := holdings(t, c)
	wantDocumented(t, "mariadb-dump "+strings.Join(dumpOptions, " ")+" im >")
	tr := startTraffic(t, trafficOf(s.URLs(), 8, 8, 5*time.Millisecond))
	tr.awaitFlow(t)
	dump := dumpOf(t, server, "im")
	tr.awaitFlow(t)
	tr.finish(t)
	c.send(t, "doe:john", "doe", "after the dump")
	beyond, beyondSync := c.pull(t, "chat", "doe:john").NextCursor, c.everything(t, "john", "", 100).NextCursor

	restored := server.Create(t, "restored")
	restore(t, server, "restored", dump)
	wantPrefixes(t, restored, dsn)
	c = newClient(t, process.StartStranger(t, restored).URLs()...)
	if p := c.pull(t, "chat", "doe:john", "cursor", held.cursor); p.texts() != "read later" {
		t.Errorf("a cursor from before the dump: %+v", p)
	}
	if n := c.everything(t, "john", held.syncCursor, 100); len(n.Messages) == 0 || n.Messages[0].Text != "read later" {
		t.Errorf("a sync cursor from before the dump: %+v", n.Messages)
	}
	if again := c.do(t, http.MethodPost, "/api/send", keyedSend, keyHeader, "key"); !bytes.Equal(again.body, held.sent) {
		t.Errorf("a send that is repeated: %s; want %s", again.body, held.sent)
	}
	c.send(t, "doe:john", "doe", "after the restore")
	if p := c.pull(t, "chat", "doe:john", "cursor", beyond); p.texts() != "after the restore" {
		t.Errorf("a cursor from after the dump: %+v", p)
	}
	if n := c.everything(t, "john", beyondSync, 100); len(n.Messages) != 1 || n.Messages[0].Text != "after the restore" {
		t.Errorf("a sync cursor from after the dump: %+v", n.Messages)
	}
}

const keyedSend = `{"chat": "doe:john", "sender": "john", "text": "with a key"}`

// wantDocumented wants a command in docs/operate.md.
func wantDocumented(t *testing.T, command string) {
	t.Helper()
	if page, err := os.ReadFile(filepath.Join(process.Root(t), "docs", "operate.md")); err != nil || !strings.Contains(string(page), command) {
		t.Errorf("docs/operate.md does not have %q (%v)", command, err)
	}
}

// holding is what a client has from before a dump.
type holding struct {
	sent       []byte // the answer to keyedSend with the key "key"
	cursor     int64
	syncCursor string
}

// holdings sends messages that john has read, and one that he reads later.
func holdings(t *testing.T, c *client) (h holding) {
	t.Helper()
	h.sent = c.do(t, http.MethodPost, "/api/send", keyedSend, keyHeader, "key").body
	h.cursor, h.syncCursor = c.pull(t, "chat", "doe:john").NextCursor, c.everything(t, "john", "", 100).NextCursor
	c.send(t, "doe:john", "doe", "read later")
	return h
}

// dumpOf takes a dump of a database, as docs/operate.md says.
func dumpOf(t *testing.T, server *storetest.Server, database string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "im.sql")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	runOn(t, server, exec.Command("mariadb-dump", append(at(t, server), append(dumpOptions, database)...)...), nil, file)
	return path
}

// restore plays a dump into an empty database.
func restore(t *testing.T, server *storetest.Server, database, path string) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	runOn(t, server, exec.Command("mariadb", append(at(t, server), database)...), file, nil)
}

// at returns the options by which MariaDB's programs find the server.
func at(t *testing.T, server *storetest.Server) []string {
	t.Helper()
	host, port, err := net.SplitHostPort(server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	return []string{"--no-defaults", "--protocol=tcp", "--user=root", "--host=" + host, "--port=" + port}
}

func runOn(t *testing.T, server *storetest.Server, cmd *exec.Cmd, in, out *os.File) {
	t.Helper()
	var errors bytes.Buffer
	cmd.Stderr = &errors
	if in != nil {
		cmd.Stdin = in
	}
	if out != nil {
		cmd.Stdout = out
	}
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v on %s: %v\n%s", cmd.Args, server.Addr(), err, errors.String())
	}
}

// A stored is a row of messages.
type stored struct {
	sendTime             int64
	sender, text, change string
}

// wantPrefixes wants that each chat of a restored database is how a chat of the whole one
// begins, and that many are not whole: the dump was taken under load.
func wantPrefixes(t *testing.T, restored, whole string) {
	t.Helper()
	parts, all := chatsIn(t, restored), chatsIn(t, whole)
	shorter, messages := 0, 0
	for chat, part := range parts {
		if len(part) > len(all[chat]) || !slices.Equal(part, all[chat][:len(part)]) {
			t.Errorf("%s: what is restored is not how the chat began", chat)
		}
		if messages += len(part); len(part) < len(all[chat]) {
			shorter++
		}
	}
	if shorter < 3 || messages == 0 {
		t.Errorf("only %d of %d chats went on after the dump, which has %d messages: this tests nothing", shorter, len(all), messages)
	}
	t.Logf("%d of %d chats are shorter than what they became; %d messages are restored", shorter, len(all), messages)
}

// chatsIn reads all chats of a database.
func chatsIn(t *testing.T, dsn string) map[string][]stored {
	t.Helper()
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	rows, err := db.Query("SELECT chat, send_time, sender, text, membership FROM messages ORDER BY chat, send_time")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	chats := map[string][]stored{}
	for rows.Next() {
		var chat string
		var m stored
		if err := rows.Scan(&chat, &m.sendTime, &m.sender, &m.text, &m.change); err != nil {
			t.Fatal(err)
		}
		chats[chat] = append(chats[chat], m)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return chats
}
