package store_test

import (
	"errors"
	"os"
	"testing"
	"time"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

// message returns a message that is not stored yet.
func message(name, text string) *store.Send {
	return &store.Send{Message: store.Message{Chat: chat.Name(name), Sender: "a", Text: text}}
}

// commit stores messages, again after conflicts, as the sequencer does.
func commit(t testing.TB, st *store.Store, messages ...*store.Send) {
	t.Helper()
	err := store.ErrConflict
	for errors.Is(err, store.ErrConflict) {
		err = st.Commit(messages, time.Now)
	}
	if err != nil {
		t.Error(err)
	}
}

// read reads one page.
func read(t testing.TB, st *store.Store, q store.Query) store.Page {
	t.Helper()
	page, err := st.Page(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// execute runs one statement.
func execute(t testing.TB, st *store.Store, statement string) {
	t.Helper()
	if _, err := st.DB().Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}
