package main

import (
	"context"
	"fmt"
	"math"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"example.com/im/idl/gen/im"
	"example.com/im/rpc-server/store"
)

// row is a message as the naive server stores it.
type row struct {
	ID       int64  `gorm:"primaryKey"`
	Chat     string `gorm:"size:129;not null;index:chat_time,priority:1"`
	SendTime int64  `gorm:"not null;index:chat_time,priority:2"`
	Sender   string `gorm:"size:64;not null"`
	Text     string `gorm:"type:text;not null"`
}

// TableName returns "messages".
func (row) TableName() string { return "messages" }

// naiveConns is the product's default number of database connections.
const naiveConns = 16

// naive is an rpc-server that goes to the database for each call. It has the
// product's connections, driver settings and, where GORM is faster for it, no
// transaction around a single INSERT and prepared statements.
type naive struct {
	base
	db *gorm.DB
}

// openNaive opens the database and makes the table.
func openNaive(dsn string) (*naive, error) {
	dialector, err := store.MySQL(dsn)
	if err != nil {
		return nil, err
	}
	db, err := gorm.Open(dialector, &gorm.Config{SkipDefaultTransaction: true, PrepareStmt: true, Logger: logger.Discard})
	if err != nil {
		return nil, err
	}
	pool, err := db.DB()
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(naiveConns)
	pool.SetMaxIdleConns(naiveConns)
	pool.SetConnMaxIdleTime(3 * time.Second) // before the database closes it
	if err := db.Set("gorm:table_options", "DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin").AutoMigrate(&row{}); err != nil {
		return nil, fmt.Errorf("make the table: %w", err)
	}
	return &naive{db: db}, nil
}

func (n *naive) close() error {
	pool, err := n.db.DB()
	if err != nil {
		return err
	}
	return pool.Close()
}

// Send inserts one message.
func (n *naive) Send(ctx context.Context, req *im.SendRequest) (*im.SendResponse, error) {
	m := row{Chat: req.Message.Chat, SendTime: time.Now().UnixMicro(), Sender: req.Message.Sender, Text: req.Message.Text}
	if err := n.db.WithContext(ctx).Create(&m).Error; err != nil {
		return &im.SendResponse{Code: im.Code_INTERNAL, Msg: err.Error()}, nil
	}
	return &im.SendResponse{Chat: &m.Chat, SendTime: &m.SendTime}, nil
}

// Pull reads one page.
func (n *naive) Pull(ctx context.Context, req *im.PullRequest) (*im.PullResponse, error) {
	limit := int(req.Limit)
	if limit == 0 {
		limit = 10
	}
	db, cursor := n.db.WithContext(ctx), req.Cursor
	if req.GetReverse() {
		if cursor == 0 {
			cursor = math.MaxInt64
		}
		db = db.Where("chat = ? AND send_time <= ?", req.Chat, cursor).Order("send_time DESC")
	} else {
		db = db.Where("chat = ? AND send_time >= ?", req.Chat, cursor).Order("send_time")
	}
	var rows []row
	if err := db.Limit(limit + 1).Find(&rows).Error; err != nil {
		return &im.PullResponse{Code: im.Code_INTERNAL, Msg: err.Error()}, nil
	}
	more := len(rows) > limit
	resp := &im.PullResponse{HasMore: &more, NextCursor: &req.Cursor}
	if more {
		resp.NextCursor, rows = &rows[limit].SendTime, rows[:limit]
	}
	for _, m := range rows {
		resp.Messages = append(resp.Messages, &im.Message{Chat: m.Chat, Text: m.Text, Sender: m.Sender, SendTime: m.SendTime})
	}
	return resp, nil
}
