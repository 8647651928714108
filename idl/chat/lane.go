package chat

// Lanes is the number of stripes into which chats are divided. It is part of the data:
// the store has a row for each lane. A chat never changes its lane.
const Lanes = 64

// Lane returns the chat's lane, from 0 to Lanes-1: FNV-1a, 64 bit, of the name.
// (hash/fnv gives the same, with an allocation for each call.)
func (n Name) Lane() int {
	const offset, prime = 14695981039346656037, 1099511628211
	hash := uint64(offset)
	for i := range len(n) {
		hash = (hash ^ uint64(n[i])) * prime
	}
	return int(hash % Lanes)
}
