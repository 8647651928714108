package wait

import (
	"slices"
	"strings"
	"sync"
)

// groupsPerReader is for how many groups a reader waits on average, at most. Their topics
// take some 200 bytes each, and anybody may put a member into many groups. A reader whose
// groups are too many waits for all groups instead.
const groupsPerReader = 32

// seats say which readers wait for which topics.
type seats struct {
	mu      sync.Mutex
	readers map[topic]map[*Reader]struct{}
	groups  int // topics of groups that the readers have, each reader's counted
	most    int // of them
}

// add makes a reader wait for topics.
func (s *seats) add(r *Reader, topics []topic) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range topics {
		s.sit(r, t)
	}
	r.topics = topics
}

// sit makes a reader wait for one more topic. The caller holds mu, and notes the topic in
// the reader.
func (s *seats) sit(r *Reader, t topic) {
	if s.readers[t] == nil {
		s.readers[t] = make(map[*Reader]struct{}, 1)
	}
	s.readers[t][r] = struct{}{}
	if t.kind == doings {
		s.groups++
	}
}

// rise makes a reader wait for a topic no longer. The caller holds mu.
func (s *seats) rise(r *Reader, t topic) {
	delete(s.readers[t], r)
	if len(s.readers[t]) == 0 {
		delete(s.readers, t)
	}
	if t.kind == doings {
		s.groups--
	}
}

// setGroups makes a reader wait for these groups, and no other. With more, or if they are
// too many, it waits for all groups. At no moment between does it wait for less than
// before and after.
func (s *seats) setGroups(r *Reader, groups []string, more bool) {
	wanted := make([]topic, 0, 2+max(1, len(groups)))
	for _, t := range r.topics {
		if t.kind != doings && t.kind != anyDoings {
			wanted = append(wanted, t)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if more || s.groups-s.groupsOf(r)+len(groups) > s.most {
		wanted = append(wanted, topic{kind: anyDoings})
	} else {
		for _, group := range groups {
			wanted = append(wanted, topic{doings, strings.Clone(group)}) // not the whole answer that it is part of
		}
	}
	if slices.Equal(wanted, r.topics) {
		return
	}
	for _, t := range r.topics {
		s.rise(r, t)
	}
	r.topics = wanted
	for _, t := range r.topics {
		s.sit(r, t)
	}
}

// groupsOf returns for how many groups a reader waits.
func (s *seats) groupsOf(r *Reader) (n int) {
	for _, t := range r.topics {
		if t.kind == doings {
			n++
		}
	}
	return n
}

// leave makes a reader wait for nothing.
func (s *seats) leave(r *Reader) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range r.topics {
		s.rise(r, t)
	}
	r.topics = nil
}

// of returns the readers that wait for any of some topics, one for each such topic.
func (s *seats) of(topics []topic) (readers []*Reader) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range topics {
		for reader := range s.readers[t] {
			readers = append(readers, reader)
		}
	}
	return readers
}
