package store

import (
	"database/sql"
	"strings"
	"sync"

	"example.com/im/idl/chat"
)

// A chat has a row in the table members for each of its members. Notes to oneself have
// one row. A commit makes the rows of the chats that have none, with their first message.
// It searches members for them, not the messages. So a chat that an older instance creates
// during a rolling update gets its rows with its next message.

// newcomers are the chats of a batch that are not known to be listed. A chat's value is
// true once its rows have been found.
type newcomers map[chat.Name]bool

// find looks the chats up. The rows of a chat are made together, so one is enough. find
// runs after the lock of the chats' lanes. Rows are made under that lock, so it needs
// none of its own.
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

// insert inserts the rows of the chats that were not found.
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

// listedChats bounds the chats that a store remembers as listed: to about 10 MB, or 60
// MB if all names have the greatest length.
const listedChats = 100_000

// listed remembers listed chats whose rows are committed. A send to one of them costs
// nothing more. A send to a forgotten one costs a search in members. It is safe for
// concurrent use.
type listed struct {
	mu             sync.Mutex
	half           int                    // of the largest number of chats
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

// add remembers chats whose rows are committed.
func (l *listed) add(chats newcomers) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for name := range chats {
		l.keep(name)
	}
}

// keep puts a chat among the recent ones. Its caller holds the lock.
func (l *listed) keep(name chat.Name) {
	if len(l.recent) >= l.half {
		l.before, l.recent = l.recent, make(map[chat.Name]struct{})
	}
	l.recent[name] = struct{}{}
}
