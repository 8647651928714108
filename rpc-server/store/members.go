package store

import (
	"database/sql"
	"strings"
	"sync"

	"example.com/im/idl/chat"
)

// Each chat has a row in the table members for each of its members, or one, if it
// is somebody's notes to himself. A commit makes the rows of the chats that have
// none, with their first message. It looks for them in members, and not among the
// messages: so a chat that an instance without this rule has made, during a rolling
// update, gets its rows with its next message.

// newcomers are the chats of a batch that are not known to be in members, and
// whether they have been found there.
type newcomers map[chat.Name]bool

// find looks the chats up. As the rows of a chat are made together, one is enough.
// It has to come after the lock of their lanes, under which rows are made, and so
// needs no lock of its own.
func (n newcomers) find() reading {
	if len(n) == 0 {
		return reading{}
	}
	const one = "member = ? AND chat = ?"
	args := make([]any, 0, 2*len(n))
	for name := range n {
		first, _ := name.Members()
		args = append(args, first, string(name))
	}
	found := statement{"SELECT chat FROM members WHERE " + one + strings.Repeat(" OR "+one, len(n)-1), args}
	return reading{found, func(rows *sql.Rows) error {
		var name chat.Name
		if err := rows.Scan(&name); err != nil {
			return err
		}
		n[name] = true
		return nil
	}}
}

// insert inserts the rows of those that were not found.
func (n newcomers) insert() statement {
	var args []any
	for name, found := range n {
		if found {
			continue
		}
		first, second := name.Members()
		args = append(args, first, string(name))
		if second != first {
			args = append(args, second, string(name))
		}
	}
	if len(args) == 0 {
		return statement{}
	}
	return statement{"INSERT INTO members (member, chat) VALUES " + list("(?,?)", len(args)/2), args}
}

// listedChats bounds the chats that a store remembers: to about 10 MB, or 60 MB if
// their names are the longest there can be.
const listedChats = 100_000

// listed remembers chats whose rows in members are committed, so that a send to
// one of them costs nothing more. To forget one costs its next send a look into
// members. It is safe for concurrent use.
type listed struct {
	mu             sync.Mutex
	half           int                    // of the most chats there may be
	recent, before map[chat.Name]struct{} // when recent is half of them, it becomes before
}

func newListed(limit int) *listed {
	return &listed{half: limit / 2, recent: make(map[chat.Name]struct{})}
}

// newcomers returns the chats of sends that are not remembered.
func (l *listed) newcomers(sends []*Send) newcomers {
	l.mu.Lock()
	defer l.mu.Unlock()
	unknown := make(newcomers)
	for _, s := range sends {
		if _, ok := l.recent[s.Chat]; ok {
			continue
		}
		if _, ok := l.before[s.Chat]; ok {
			l.keep(s.Chat) // it is in use
			continue
		}
		unknown[s.Chat] = false
	}
	return unknown
}

// add remembers chats whose rows are known to be committed.
func (l *listed) add(chats newcomers) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for name := range chats {
		l.keep(name)
	}
}

// keep puts a chat among the recent ones. The lock is held.
func (l *listed) keep(name chat.Name) {
	if len(l.recent) >= l.half {
		l.before, l.recent = l.recent, make(map[chat.Name]struct{})
	}
	l.recent[name] = struct{}{}
}
