package store

import (
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"

	"example.com/im/idl/chat"
)

// ErrKeyReused says that a key came earlier with another sender, text or change.
var ErrKeyReused = errors.New("Idempotency-Key: came earlier with another sender, text or change")

// A keyID names a key: each chat has its own.
type keyID struct {
	chat chat.Name
	key  string
}

// A keyUse is the message that a key stands for.
type keyUse struct {
	digest   [sha256.Size]byte
	sendTime int64
	first    *Send // instead of sendTime, if it is in the batch itself
}

// keys are the uses of the keys in a batch.
type keys map[keyID]keyUse

// knownKeys reads which keys of the batch are known. It runs after the lock of their
// lanes. Keys are inserted under that lock, so it needs none of its own.
func knownKeys(tx transaction, sends []*Send) (keys, error) {
	known := make(keys)
	read := findKeys(sends)
	if read.sql == "" {
		return known, nil
	}
	err := tx.query(reading{read, func(rows *sql.Rows) error {
		var id keyID
		var use keyUse
		var digest []byte
		if err := rows.Scan(&id.chat, &id.key, &use.sendTime, &digest); err != nil {
			return err
		}
		use.digest = [sha256.Size]byte(digest)
		known[id] = use
		return nil
	}})
	return known, err
}

// findKeys selects the rows of the sends' keys.
func findKeys(sends []*Send) statement {
	const one = "chat = ? AND idempotency_key = ?"
	var args []any
	for _, s := range sends {
		if s.Key != "" {
			args = append(args, string(s.Chat), s.Key)
		}
	}
	if len(args) == 0 {
		return statement{}
	}
	return statement{
		"SELECT chat, idempotency_key, send_time, digest FROM send_keys WHERE " + repeat(one, " OR ", len(args)/2), args,
	}
}

// knows reports whether the send's key is known, and then sets its outcome.
func (k keys) knows(s *Send) bool {
	if s.Key == "" {
		return false
	}
	use, known := k[keyID{s.Chat, s.Key}]
	if !known {
		return false
	}
	s.Outcome = Replayed
	if use.digest != s.digest() {
		s.Outcome = KeyReused
	}
	return true
}

// take notes that the send is the first with its key, if it has one.
func (k keys) take(s *Send) {
	if s.Key != "" {
		k[keyID{s.Chat, s.Key}] = keyUse{digest: s.digest(), first: s}
	}
}

// replay gives each replayed send the time of its key's first send.
func (k keys) replay(sends []*Send) {
	for _, s := range sends {
		if s.Outcome != Replayed {
			continue
		}
		use := k[keyID{s.Chat, s.Key}]
		s.SendTime = use.sendTime
		if use.first != nil {
			s.SendTime = use.first.SendTime
		}
	}
}

// insert inserts the keys that this batch has used first.
func (k keys) insert() statement {
	var args []any
	for id, use := range k {
		if use.first != nil {
			args = append(args, string(id.chat), id.key, use.first.SendTime, use.digest[:])
		}
	}
	if len(args) == 0 {
		return statement{}
	}
	return statement{
		"INSERT INTO send_keys (chat, idempotency_key, send_time, digest) VALUES " + list("(?,?,?,?)", len(args)/4), args,
	}
}

// digest tells apart what a key may stand for. It covers the sender, with its length,
// and the text, or what is to change: the text of a change comes from that.
func (s *Send) digest() [sha256.Size]byte {
	b := binary.BigEndian.AppendUint64(nil, uint64(len(s.Sender)))
	b = append(b, s.Sender...)
	if s.Wanted != nil {
		return sha256.Sum256(append(append(b, 0), *s.Wanted...)) // no text contains 0
	}
	return sha256.Sum256(append(b, s.Text...))
}
