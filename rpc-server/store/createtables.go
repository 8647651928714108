package store

import (
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"
)

// definition returns the column as a CREATE TABLE or an ALTER TABLE writes it.
func (c column) definition() string {
	sql := c.name + " " + strings.ToUpper(c.kind) + " NOT NULL"
	if c.fallback != "" {
		sql += " DEFAULT " + c.fallback
	}
	return sql
}

// create makes those of the tables that are missing.
func create(db *gorm.DB, tables ...table) error {
	dialect := dialects[db.Name()]
	for _, t := range tables {
		var parts []string
		for _, c := range t.columns {
			parts = append(parts, c.definition())
		}
		parts = append(parts, fmt.Sprintf("PRIMARY KEY (%s)", strings.Join(t.key, ", ")))
		for _, i := range t.indexes {
			if dialect.indexInTable {
				parts = append(parts, fmt.Sprintf("INDEX %s (%s)", i.name, i.columns))
			}
		}
		sql := fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s (%s)%s", t.name, strings.Join(parts, ", "), dialect.table)
		if err := db.Exec(sql).Error; err != nil {
			return fmt.Errorf("create table %s: %w", t.name, err)
		}
	}
	return nil
}

// extend adds what the table lacks of its columns and indexes. Another instance may do
// so at the same time: then the statement fails, and nothing is lacking any more.
func (t table) extend(db *gorm.DB) error {
	missing, err := t.missing(db)
	for err == nil && len(missing) > 0 {
		lacked := len(missing)
		failure := db.Exec(missing[0]).Error
		if missing, err = t.missing(db); err == nil && failure != nil && len(missing) == lacked {
			return fmt.Errorf("extend table %s: %w", t.name, failure)
		}
	}
	return err
}

// missing returns the statements that add what the table lacks. To one that is huge a
// column with a constant default is added at once, and an index while others write.
func (t table) missing(db *gorm.DB) (statements []string, err error) {
	found, err := describe(db, t.name)
	if err != nil {
		return nil, fmt.Errorf("describe table %s: %w", t.name, err)
	}
	for _, c := range t.columns {
		if !slices.ContainsFunc(found, func(f foundColumn) bool { return f.Name == c.name }) {
			statements = append(statements, fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s", t.name, c.definition()))
		}
	}
	for _, i := range t.indexes {
		if !db.Migrator().HasIndex(t.name, i.name) {
			statements = append(statements, fmt.Sprintf(dialects[db.Name()].addIndex, i.name, t.name, i.columns))
		}
	}
	return statements, nil
}
