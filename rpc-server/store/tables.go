package store

import (
	"errors"
	"fmt"
	"slices"
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
	indexes []index
}

// A column is one of a table. No column takes NULL. A column with a default was not
// there in the first version of its table.
type column struct{ name, kind, fallback string }

// An index is a secondary one.
type index struct{ name, columns string }

// A chat's name has at most 129 characters: two members of 64 and a colon. A change of a
// group names at most 100 members, with a sign and a space each.
var (
	messagesTable = table{
		name: "messages",
		columns: []column{
			{"chat", "varchar(129)", ""},
			{"send_time", "bigint", ""},
			{"sender", "varchar(64)", ""},
			{"text", "text", ""},
			{"membership", "varchar(6600)", "''"},
		},
		key: []string{"chat", "send_time"},
	}
	lanesTable = table{
		name: "lanes",
		columns: []column{
			{"id", "bigint", ""},
			{"last_send_time", "bigint", ""},
			{"accounted", "bigint", "0"},
			{"unaccounted", "bigint", "0"},
		},
		key: []string{"id"},
	}
	keysTable = table{
		name:    "send_keys",
		columns: []column{{"chat", "varchar(129)", ""}, {"idempotency_key", "varchar(128)", ""}, {"send_time", "bigint", ""}, {"digest", "binary(32)", ""}},
		key:     []string{"chat", "idempotency_key"},
	}
	membersTable = table{
		name: "members",
		columns: []column{
			{"member", "varchar(64)", ""},
			{"chat", "varchar(129)", ""},
			{"lane", "bigint", "0"},
			{"moved", "bigint", "0"},
			{"touched", "bigint", "0"},
		},
		key:     []string{"member", "chat"},
		indexes: []index{{"members_moved", "member, moved"}, {"members_touched", "member, lane, touched"}},
	}
	groupsTable = table{
		name:    "chat_groups",
		columns: []column{{"chat", "varchar(129)", ""}, {"members", "bigint", ""}, {"changed", "bigint", ""}},
		key:     []string{"chat"},
	}
	staysTable = table{
		name:    "stays",
		columns: []column{{"chat", "varchar(129)", ""}, {"member", "varchar(64)", ""}, {"joined", "bigint", ""}, {"left_at", "bigint", ""}},
		key:     []string{"chat", "member", "joined"},
		indexes: []index{{"stays_of_chat", "chat, left_at, member"}, {"stays_of_member", "member, left_at, chat"}},
	}
	marksTable = table{
		name:    "read_marks",
		columns: []column{{"chat", "varchar(129)", ""}, {"member", "varchar(64)", ""}, {"send_time", "bigint", ""}, {"read_at", "bigint", ""}},
		key:     []string{"chat", "member"},
		indexes: []index{{"read_marks_of_chat", "chat, read_at"}},
	}
	versionsTable = table{
		name:    "schema_versions",
		columns: []column{{"version", "bigint", ""}, {"applied_at", "bigint", ""}},
		key:     []string{"version"},
	}
)

// tables are all tables.
var tables = []table{
	messagesTable, lanesTable, keysTable, membersTable, groupsTable, staysTable, marksTable, versionsTable,
}

// checkTables returns [ErrTables] if a table is not what this program needs. What is
// missing is no error while a migration may still make it. A later version may have added
// columns. They are no error if an INSERT can leave them out.
func checkTables(db *gorm.DB, migrated bool) error {
	for _, t := range tables {
		found, err := describe(db, t.name)
		if err != nil {
			return fmt.Errorf("describe table %s: %w", t.name, err)
		}
		if len(found) == 0 && !migrated {
			continue
		}
		if flaw := t.flaw(found, migrated); flaw != "" {
			return fmt.Errorf("%w: %s: %s", ErrTables, t.name, flaw)
		}
	}
	return nil
}

// A foundColumn is a column of an existing table.
type foundColumn struct {
	Engine    string // of its table
	Name      string
	Kind      string
	Collation string // "" for a column without text
	Nullable  bool
	Defaults  bool // an INSERT can leave it out
	Place     int  // in the primary key, from 1; 0 if it is not part of the key
}

// describeSQL describes the columns of a table, by GORM's names of dialects. SQLite has
// no engines, and compares texts by their bytes unless a table says otherwise.
var describeSQL = map[string]string{
	"mysql": "SELECT t.engine AS engine, c.column_name AS name, LOWER(c.column_type) AS kind," +
		" COALESCE(c.collation_name, '') AS collation, c.is_nullable = 'YES' AS nullable," +
		" c.is_nullable = 'YES' OR c.column_default IS NOT NULL OR c.extra <> '' AS defaults," +
		" COALESCE(k.seq_in_index, 0) AS place" +
		" FROM information_schema.tables AS t" +
		" JOIN information_schema.columns AS c ON c.table_schema = t.table_schema AND c.table_name = t.table_name" +
		" LEFT JOIN information_schema.statistics AS k ON k.table_schema = t.table_schema AND k.table_name = t.table_name" +
		" AND k.column_name = c.column_name AND k.index_name = 'PRIMARY'" +
		" WHERE t.table_schema = DATABASE() AND t.table_name = ?",
	"sqlite": "SELECT 'InnoDB' AS engine, name, LOWER(type) AS kind, 'utf8mb4_bin' AS collation, NOT \"notnull\" AS nullable," +
		" NOT \"notnull\" OR dflt_value IS NOT NULL AS defaults, pk AS place FROM pragma_table_info(?)",
}

// describe returns the columns of a table, and none if there is no such table.
func describe(db *gorm.DB, table string) (columns []foundColumn, err error) {
	err = db.Raw(describeSQL[db.Name()], table).Scan(&columns).Error
	return columns, err
}

// flaw says what is wrong with the columns found, or returns "".
func (t table) flaw(found []foundColumn, migrated bool) string {
	if len(found) == 0 {
		return "it is missing, although a migration has made it"
	}
	if engine := found[0].Engine; !strings.EqualFold(engine, "InnoDB") {
		return fmt.Sprintf("its engine is %s; want InnoDB", engine)
	}
	for _, want := range t.columns {
		at := slices.IndexFunc(found, func(c foundColumn) bool { return c.Name == want.name })
		if at < 0 && !migrated && want.fallback != "" {
			continue
		}
		if at < 0 {
			return fmt.Sprintf("column %s is missing", want.name)
		}
		if flaw := want.flaw(found[at]); flaw != "" {
			return fmt.Sprintf("column %s %s", want.name, flaw)
		}
	}
	for _, c := range found {
		known := slices.ContainsFunc(t.columns, func(want column) bool { return want.name == c.Name })
		if !known && !c.Defaults {
			return fmt.Sprintf("column %s has no default, and this program does not know it", c.Name)
		}
	}
	if key := primaryKey(found); !slices.Equal(key, t.key) {
		return fmt.Sprintf("its primary key is (%s); want (%s)", strings.Join(key, ", "), strings.Join(t.key, ", "))
	}
	return ""
}

// flaw says what is wrong with the column found, or returns "".
func (c column) flaw(found foundColumn) string {
	// Servers before MySQL 8.0.19 add a width, which means nothing.
	kind := found.Kind
	if strings.HasPrefix(kind, "bigint(") {
		kind = "bigint" + kind[strings.IndexByte(kind, ')')+1:]
	}
	text := c.kind == "text" || strings.HasPrefix(c.kind, "varchar")
	switch {
	case kind != c.kind:
		return fmt.Sprintf("is %s; want %s", found.Kind, c.kind)
	case found.Nullable:
		return "takes NULL"
	case text && found.Collation != "utf8mb4_bin":
		return fmt.Sprintf("has the collation %s; want utf8mb4_bin", found.Collation)
	}
	return ""
}

// primaryKey returns the columns of the primary key, in its order.
func primaryKey(found []foundColumn) []string {
	key := slices.DeleteFunc(slices.Clone(found), func(c foundColumn) bool { return c.Place == 0 })
	slices.SortFunc(key, func(a, b foundColumn) int { return a.Place - b.Place })
	names := make([]string, len(key))
	for i, c := range key {
		names[i] = c.Name
	}
	return names
}
