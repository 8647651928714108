package im

import (
	"context"
	"log/slog"
	"time"

	"example.com/im/rpc-server/store"
)

// takeOverInterval is between two looks for what earlier versions have stored. While they
// serve beside this one, inboxes cost a look into each chat of the member.
const takeOverInterval = 10 * time.Second

// takeOver accounts, until ctx is done, for what instances of earlier versions store.
func takeOver(ctx context.Context, st *store.Store, log *slog.Logger) {
	for {
		pause := takeOverInterval
		begin := time.Now()
		did, err := st.TakeOver(ctx)
		switch took := time.Since(begin); {
		case ctx.Err() != nil:
			return
		case err != nil && !store.Unavailable(err):
			log.Error("what an earlier version has stored is not taken over", "err", err)
		case did:
			log.Info("took over what an earlier version has stored", "took", took)
			pause = max(pause, 10*took) // it may go on storing
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}
