package store

import "sync"

// A memory holds what an instance remembers of the keys that it has used last. To forget
// one costs a search in the database. It is safe for concurrent use.
type memory[K comparable, V any] struct {
	mu             sync.Mutex
	half           int // of the most keys
	recent, before map[K]V
}

func newMemory[K comparable, V any](most int) *memory[K, V] {
	return &memory[K, V]{half: most / 2, recent: make(map[K]V)}
}

// get returns what is remembered of a key.
func (m *memory[K, V]) get(key K) (value V, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if value, ok = m.recent[key]; ok {
		return value, true
	}
	if value, ok = m.before[key]; ok {
		m.put(key, value) // it is in use
	}
	return value, ok
}

// keep remembers a key.
func (m *memory[K, V]) keep(key K, value V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.put(key, value)
}

// put puts a key among the recent ones. When these are half of the most, they become
// those before. Its caller holds the lock.
func (m *memory[K, V]) put(key K, value V) {
	if _, ok := m.recent[key]; !ok && len(m.recent) >= m.half {
		m.before, m.recent = m.recent, make(map[K]V)
	}
	m.recent[key] = value
}

// len returns how many keys are remembered.
func (m *memory[K, V]) len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.recent) + len(m.before)
}
