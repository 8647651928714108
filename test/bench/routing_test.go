package bench

import (
	"fmt"

	"example.com/im/test/bench/load"
	"example.com/im/test/bench/report"
)

// routing measures what more rpc-servers bring, or cost, on one machine.
func (w *world) routing() {
	const few, many = 1, 4
	s := w.section("One and four rpc-servers", "Through one gateway, on one database and one machine: what routing costs, not what more machines would bring.")
	name := func(servers int) string { return fmt.Sprintf("%d of ours", servers) }
	systems := make(map[int]*system)
	for _, servers := range []int{few, many} {
		systems[servers] = w.start(w.T, spec{database: fmt.Sprintf("routed%d", servers), rpcServers: servers})
		w.fill(systems[servers].dsn, filling{chats: w.scale.chats, each: w.scale.fill, lanes: true})
	}
	compare := func(what string, conns int, request load.Request) {
		var contenders []contender
		for _, servers := range []int{few, many} {
			c := w.closedOn(systems[servers], name(servers), conns, request)
			c.load = what + ", " + c.load
			contenders = append(contenders, c)
		}
		w.compare(s, contenders...)
		label := contenders[0].load
		s.Add(label+": four / one", "", report.Ratios(s.Row(label, name(many)).Rates(), s.Row(label, name(few)).Rates())...)
	}
	compare("sends", w.scale.conns[len(w.scale.conns)-1], load.Send(w.scale.chats))
	compare("pulls", w.scale.conns[0], load.Newest(w.scale.chats, pageSize))
}
