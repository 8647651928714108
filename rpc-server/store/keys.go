package store

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"
	"strings"

	"gorm.io/gorm"

	"example.com/im/idl/chat"
)

// ErrKeyReused says that a key came earlier with another sender or text.
var ErrKeyReused = errors.New("Idempotency-Key: came earlier with another sender or text")

// Outcome is what Commit has made of a send.
type Outcome int

// The outcomes of a send.
const (
	Stored    Outcome = iota // as a new message
	Replayed                 // nothing, because its key is known: SendTime is the first one's
	KeyReused                // nothing, because its key is known with another message
)

// A keyRow is a key that was used, once and for ever.
type keyRow struct {
	Chat           string
	IdempotencyKey string
	SendTime       int64
	Digest         []byte
}

// TableName returns "send_keys".
func (keyRow) TableName() string { return "send_keys" }

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

// knownKeys reads which keys of the batch are known. It comes after the lock of
// their lanes, under which keys are inserted, and so needs no lock of its own.
func knownKeys(tx *gorm.DB, sends []*Send) (keys, error) {
	known := make(keys)
	keyed := slices.DeleteFunc(slices.Clone(sends), func(s *Send) bool { return s.Key == "" })
	if len(keyed) == 0 {
		return known, nil
	}
	var rows []keyRow
	if err := findKeys(tx, keyed, &rows).Error; err != nil {
		return nil, err
	}
	for _, row := range rows {
		known[keyID{chat.Name(row.Chat), row.IdempotencyKey}] = keyUse{
			digest: [sha256.Size]byte(row.Digest), sendTime: row.SendTime,
		}
	}
	return known, nil
}

// findKeys reads the rows of the sends' keys.
func findKeys(tx *gorm.DB, keyed []*Send, rows *[]keyRow) *gorm.DB {
	args := make([]any, 0, 2*len(keyed))
	for _, s := range keyed {
		args = append(args, string(s.Chat), s.Key)
	}
	const one = "chat = ? AND idempotency_key = ?"
	return tx.Where(one+strings.Repeat(" OR "+one, len(keyed)-1), args...).Find(rows)
}

// settle sets the outcome of each send, and returns those to store. Of equal
// keys within the batch the first is stored.
func (k keys) settle(sends []*Send) (fresh []*Send) {
	for _, s := range sends {
		s.Outcome = Stored
		if s.Key == "" {
			fresh = append(fresh, s)
			continue
		}
		id, digest := keyID{s.Chat, s.Key}, s.digest()
		switch use, known := k[id]; {
		case !known:
			k[id] = keyUse{digest: digest, first: s}
			fresh = append(fresh, s)
		case use.digest == digest:
			s.Outcome = Replayed
		default:
			s.Outcome = KeyReused
		}
	}
	return fresh
}

// replay gives the replayed sends the times of the first ones.
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

// insert inserts the keys that came first in this batch.
func (k keys) insert(tx *gorm.DB) error {
	var rows []keyRow
	for id, use := range k {
		if use.first != nil {
			rows = append(rows, keyRow{string(id.chat), id.key, use.first.SendTime, use.digest[:]})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return tx.Create(&rows).Error
}

// digest tells apart what a key may stand for: the sender, by its length, and
// the text.
func (s *Send) digest() [sha256.Size]byte {
	b := binary.BigEndian.AppendUint64(nil, uint64(len(s.Sender)))
	b = append(b, s.Sender...)
	return sha256.Sum256(append(b, s.Text...))
}
