package store

import (
	"fmt"
	"slices"
	"strings"
)

// A Change says who comes into a group and who goes, as a message's row has it: each name
// in canonical form with the sign + or -, with spaces between, which no name contains.
// That of a message that changes nothing is "".
type Change string

// NewChange returns the change that adds and removes members.
func NewChange(added, removed []string) Change {
	signed := make([]string, 0, len(added)+len(removed))
	for _, name := range added {
		signed = append(signed, "+"+name)
	}
	for _, name := range removed {
		signed = append(signed, "-"+name)
	}
	return Change(strings.Join(signed, " "))
}

// Names returns who comes and who goes.
func (c Change) Names() (added, removed []string) {
	for signed := range strings.FieldsSeq(string(c)) {
		if name, ok := strings.CutPrefix(signed, "+"); ok {
			added = append(added, name)
		} else {
			removed = append(removed, signed[1:])
		}
	}
	return added, removed
}

// maxNamed is how many names of each kind the text of a change has at most: a text has
// to stay short.
const maxNamed = 5

// text says for people what by has changed.
func (c Change) text(by string) string {
	added, removed := c.Names()
	var said []string
	if len(added) > 0 {
		said = append(said, "added "+sayNames(added))
	}
	switch {
	case slices.Equal(removed, []string{by}):
		said = append(said, "left")
	case len(removed) > 0:
		said = append(said, "removed "+sayNames(removed))
	}
	return strings.Join(said, " and ")
}

// sayNames lists names.
func sayNames(names []string) string {
	last := names[len(names)-1]
	if len(names) > maxNamed {
		last = fmt.Sprintf("%d others", len(names)-maxNamed+1)
		names = names[:maxNamed]
	}
	if len(names) == 1 {
		return last
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + last
}
