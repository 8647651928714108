package store

// write writes the groups and stays that the batch has changed.
func (r *roster) write(d dialect) (statements []statement) {
	var made []any
	for name, g := range r.groups {
		switch {
		case g.change == nil:
		case g.made:
			statements = append(statements, statement{
				d.update("chat_groups") + "members = ?, changed = ? WHERE chat = ?", []any{g.members, g.change.SendTime, string(name)},
			})
		default:
			made = append(made, string(name), g.members, g.change.SendTime)
		}
	}
	if len(made) > 0 {
		statements = append(statements, statement{"INSERT INTO chat_groups (chat, members, changed) VALUES " + list("(?,?,?)", len(made)/3), made})
	}
	return append(append(statements, r.insertStays()), r.endStays(d)...)
}

// insertStays inserts the stays that begin in the batch, also those that end in it.
func (r *roster) insertStays() statement {
	var args []any
	for s, stay := range r.stays {
		if stay.change != nil {
			args = append(args, string(s.chat), s.member, stay.change.SendTime, int64(present))
		}
	}
	for _, d := range r.left {
		if d.came != nil {
			args = append(args, string(d.chat), d.member, d.came.SendTime, d.change.SendTime)
		}
	}
	if len(args) == 0 {
		return statement{}
	}
	return statement{"INSERT INTO stays (chat, member, joined, left_at) VALUES " + list("(?,?,?,?)", len(args)/4), args}
}

// endStays ends the stays of earlier batches, by one statement for each change.
func (r *roster) endStays(d dialect) (statements []statement) {
	const one = "member = ? AND joined = ?"
	for from := 0; from < len(r.left); {
		change := r.left[from].change
		args := []any{change.SendTime, string(change.Chat)}
		for ; from < len(r.left) && r.left[from].change == change; from++ {
			if d := r.left[from]; d.came == nil {
				args = append(args, d.member, d.joined)
			}
		}
		if n := (len(args) - 2) / 2; n > 0 {
			statements = append(statements, statement{
				d.update("stays") + "left_at = ? WHERE chat = ? AND (" + repeat(one, " OR ", n) + ")", args,
			})
		}
	}
	return statements
}
