package tail

import "sync/atomic"

// Stats is what a Tail has done, and what it holds.
type Stats struct {
	Memory uint64 // pulls answered from memory, proved fresh by a lane read
	Loads  uint64 // pulls answered from the page that brought their chat into memory
	Index  uint64 // pulls answered, or refused, from the index

	LaneReads uint64
	Forgotten uint64 // lanes with chats in memory that another instance had written to

	Chats int64 // in memory
	Bytes int64 // taken by these chats
}

// counts are the sources of Stats.
type counts struct {
	pulls                                      atomic.Uint64 // from any source; it orders the uses of chats
	memory, loads, index, laneReads, forgotten atomic.Uint64
	chats, bytes                               atomic.Int64
}

// grow notes that memory has grown.
func (c *counts) grow(chats, bytes int) {
	c.chats.Add(int64(chats))
	c.bytes.Add(int64(bytes))
}

// Stats returns the counts of this moment.
func (t *Tail) Stats() Stats {
	return Stats{
		Memory: t.counts.memory.Load(), Loads: t.counts.loads.Load(), Index: t.counts.index.Load(),
		LaneReads: t.counts.laneReads.Load(), Forgotten: t.counts.forgotten.Load(),
		Chats: t.counts.chats.Load(), Bytes: t.counts.bytes.Load(),
	}
}
