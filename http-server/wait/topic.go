package wait

import (
	"strconv"

	"example.com/im/idl/chat"
)

// topic is something of which news tells. A reader waits for a few topics, and each of
// them wakes it.
type topic struct {
	kind kind
	name string // of a chat, a member or a lane; "": the kind has one topic alone
}

// kind says what a topic is about.
type kind uint8

const (
	messages  kind = iota // somebody has written in this chat
	doings                // somebody has written or read on in this group
	anyDoings             // the same of whatever group
	person                // it happened in a chat of two of this member, or the member came into a group
	lane                  // somebody may have written in a chat of this lane
	anyLane               // the same of whatever lane
)

// ofLane returns the topic of a lane, for which the pulls of its chats wait.
func ofLane(number int) topic { return topic{lane, strconv.Itoa(number)} }

// ofPull returns the topics of a pull: the chat, and its lane.
func ofPull(name chat.Name) []topic {
	return []topic{{messages, string(name)}, ofLane(name.Lane())}
}

// ofSync returns the topics of a member's sync. What it does not know are the member's
// groups: until it is told, it waits for all. Any lane may have a chat of the member.
func ofSync(member string) []topic {
	return []topic{{person, member}, {kind: anyLane}, {kind: anyDoings}}
}

// ofMessages returns the topics of a chat in which somebody has written.
func ofMessages(name chat.Name) []topic {
	return append(ofMark(name), topic{messages, string(name)})
}

// ofMark returns the topics of a chat in which somebody has read on. Of a chat of two the
// name tells who is in it.
func ofMark(name chat.Name) []topic {
	if name.IsGroup() {
		return []topic{{doings, string(name)}, {kind: anyDoings}}
	}
	first, second := name.Members()
	return []topic{{person, first}, {person, second}}
}

// everything returns the topics that every reader waits for one of.
func everything() []topic {
	all := []topic{{kind: anyLane}}
	for number := range chat.Lanes {
		all = append(all, ofLane(number))
	}
	return all
}
