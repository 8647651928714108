package store

import (
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"
)

// ErrTables says that a table is not the one that this program needs. In a table of
// another engine nothing locks. In another collation other names are equal. Without its
// primary key nothing is found or unique.
var ErrTables = errors.New("a table is not what this program needs")

// A table is a table as this program needs it.
type table struct {
	name    string
	columns []column
	key     []string // the columns of its primary key
}

// A column is one of a table. No column takes NULL.
type column struct{ name, kind string }

// A chat's name has at most 129 characters: two members of 64 and a colon.
var (
	messagesTable = table{
		"messages",
		[]column{{"chat", "varchar(129)"}, {"send_time", "bigint"}, {"sender", "varchar(64)"}, {"text", "text"}},
		[]string{"chat", "send_time"},
	}
	lanesTable = table{"lanes", []column{{"id", "bigint"}, {"last_send_time", "bigint"}}, []string{"id"}}
	keysTable  = table{
		"send_keys",
		[]column{{"chat", "varchar(129)"}, {"idempotency_key", "varchar(128)"}, {"send_time", "bigint"}, {"digest", "binary(32)"}},
		[]string{"chat", "idempotency_key"},
	}
	membersTable  = table{"members", []column{{"member", "varchar(64)"}, {"chat", "varchar(129)"}}, []string{"member", "chat"}}
	versionsTable = table{"schema_versions", []column{{"version", "bigint"}, {"applied_at", "bigint"}}, []string{"version"}}
)

// tables are all tables.
var tables = []table{messagesTable, lanesTable, keysTable, membersTable, versionsTable}

// create makes those of the tables that are missing.
func create(db *gorm.DB, tables ...table) error {
	for _, t := range tables {
		var sql strings.Builder
		fmt.Fprintf(&sql, "CREATE TABLE IF NOT EXISTS %s (", t.name)
		for _, c := range t.columns {
			fmt.Fprintf(&sql, "%s %s NOT NULL, ", c.name, strings.ToUpper(c.kind))
		}
		fmt.Fprintf(&sql, "PRIMARY KEY (%s))%s", strings.Join(t.key, ", "), dialects[db.Name()].table)
		if err := db.Exec(sql.String()).Error; err != nil {
			return fmt.Errorf("create table %s: %w", t.name, err)
		}
	}
	return nil
}
