package chaos

import (
	"bytes"
	"math/rand/v2"
	"time"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/fault"
)

// lease is for how long etcd keeps the address of an rpc-server that has died.
const lease = 5 * time.Second

// faults are all that go wrong, one after the other. etcd is away for etcdOutage
// at a time.
func (w *world) faults(etcdOutage time.Duration) []fault.Fault {
	return []fault.Fault{
		{Name: "rpc-server killed", Survivable: true, Begin: func() (func(), time.Duration) {
			victim := w.victim()
			victim.Kill()
			return func() { victim.Restart(w) }, w.between(time.Second, 4*time.Second)
		}},
		{Name: "rpc-server frozen past its lease", Survivable: true, Begin: func() (func(), time.Duration) {
			victim := w.victim()
			victim.Freeze()
			return func() {
				w.system.AwaitRegistered(w, victim, false) // its lease has ended
				victim.Thaw()
			}, w.between(lease+time.Second, 2*lease)
		}},
		{Name: "rpc-server stopped and started", Survivable: true, Unnoticed: true, Begin: func() (func(), time.Duration) {
			victim := w.victim()
			victim.Stop(w)
			return func() { victim.Restart(w) }, 0
		}},
		{Name: "gateway killed", Begin: func() (func(), time.Duration) {
			victim := w.system.Gateways[w.rand.IntN(len(w.system.Gateways))]
			victim.Kill()
			return func() { victim.Restart(w) }, w.between(time.Second, 3*time.Second)
		}},
		{Name: "database killed", Begin: func() (func(), time.Duration) {
			w.database.Kill()
			return w.startDatabaseAgain, w.between(0, 4*time.Second)
		}},
		{Name: "database frozen", Begin: func() (func(), time.Duration) {
			w.database.Freeze()
			return w.database.Thaw, w.between(2*time.Second, 10*time.Second)
		}},
		{Name: "database connections cut", Begin: func() (func(), time.Duration) {
			w.proxy.CutAll()
			return fault.Nothing, 0
		}},
		{Name: "answers to COMMIT lost", Begin: func() (func(), time.Duration) {
			w.proxy.SetRule(w.loseCommits())
			return func() { w.proxy.SetRule(nil) }, w.between(3*time.Second, 6*time.Second)
		}},
		{Name: "etcd stopped", Survivable: true, Unnoticed: true, Begin: func() (func(), time.Duration) {
			w.system.Etcd.Kill()
			return func() { w.system.Etcd.Restart(w) }, etcdOutage
		}},
		{Name: "etcd stopped, then empty", Survivable: true, Unnoticed: true, Begin: func() (func(), time.Duration) {
			w.system.Etcd.Kill()
			return func() {
				w.system.Etcd.Wipe(w)
				w.system.Etcd.Restart(w)
			}, w.between(lease, 2*lease)
		}},
		{Name: "rpc-server killed and started without etcd", Survivable: true, Begin: func() (func(), time.Duration) {
			w.system.Etcd.Kill()
			victim := w.victim()
			victim.Kill()
			victim.Restart(w)
			return func() { w.system.Etcd.Restart(w) }, w.between(lease, 2*lease)
		}},
		{Name: "clocks set, by up to 20 s back or forth", Survivable: true, Unnoticed: true, Begin: func() (func(), time.Duration) {
			const most = 10 * time.Second
			for _, c := range w.clocks {
				c.set(w.T, w.between(-most, most))
			}
			return fault.Nothing, 0
		}},
	}
}

// startDatabaseAgain starts the database and waits until it answers.
func (w *world) startDatabaseAgain() {
	if err := w.database.Start(); err != nil {
		w.Fatal(err)
	}
}

// loseCommits returns a rule by which one in three COMMITs gets no answer. Half of
// these have reached the database.
func (w *world) loseCommits() storetest.Rule {
	const commit = "\x03COMMIT"
	die := rand.New(rand.NewPCG(w.rand.Uint64(), 0)) // the proxy calls a rule for one piece at a time
	return func(sent []byte) storetest.Action {
		if !bytes.Contains(sent, []byte(commit)) {
			return storetest.Pass
		}
		switch die.IntN(6) {
		case 0:
			return storetest.Answer
		case 1:
			return storetest.Cut
		}
		return storetest.Pass
	}
}
