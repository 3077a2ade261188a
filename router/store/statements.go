package store

import (
	"container/list"
	"context"
	"database/sql/driver"
	"fmt"
)

// keptStatements is how many statements a connection to SQLite keeps compiled.
// Relevo has some hundred that come often; one takes a few kilobytes.
const keptStatements = 128

// statements makes connections that keep the statements they have compiled:
// SQLite compiles in our process, and for a short statement that takes longer
// than to run it. (PostgreSQL's driver does this by itself. gorm's PrepareStmt
// does not help: inside transactions it compiles anew.)
type statements struct{ driver.Connector }

// Connect implements driver.Connector.
func (s statements) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := s.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	inner, ok := conn.(sqliteConn)
	if !ok {
		return nil, fmt.Errorf("SQLite's driver has changed: %T lacks methods", conn)
	}
	return &keepingConn{sqliteConn: inner, kept: map[string]*list.Element{}, used: list.New()}, nil
}

// What SQLite's driver has beside the least that a driver must have.
type (
	sqliteConn interface {
		driver.Conn
		driver.ConnBeginTx
		driver.ConnPrepareContext
		driver.ExecerContext
		driver.QueryerContext
		driver.Pinger
		driver.SessionResetter
		driver.Validator
	}
	sqliteStatement interface {
		driver.Stmt
		driver.StmtExecContext
		driver.StmtQueryContext
	}
	sqliteRows interface {
		driver.Rows
		driver.RowsColumnTypeDatabaseTypeName
		driver.RowsColumnTypeLength
		driver.RowsColumnTypeNullable
		driver.RowsColumnTypePrecisionScale
		driver.RowsColumnTypeScanType
	}
)

// keepingConn is a connection with its compiled statements. Like every
// driver's connection it is used by one goroutine at a time. A statement that
// runs is not among the kept ones, so that the same text can run a second time
// while rows of the first are read.
type keepingConn struct {
	sqliteConn
	kept map[string]*list.Element // by text
	used *list.List               // of keptStatement, the latest used in front
}

type keptStatement struct {
	query string
	sqliteStatement
}

// ExecContext implements driver.ExecerContext.
func (c *keepingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	result, err := s.ExecContext(ctx, args)
	return result, c.giveBack(s, err)
}

// QueryContext implements driver.QueryerContext.
func (c *keepingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(ctx, args)
	if err != nil {
		return nil, c.giveBack(s, err)
	}
	return &keptRows{sqliteRows: rows.(sqliteRows), giveBack: func(err error) error { return c.giveBack(s, err) }}, nil
}

// take returns a compiled statement that does not run.
func (c *keepingConn) take(ctx context.Context, query string) (keptStatement, error) {
	if e, ok := c.kept[query]; ok {
		delete(c.kept, query)
		return c.used.Remove(e).(keptStatement), nil
	}
	s, err := c.PrepareContext(ctx, query)
	if err != nil {
		return keptStatement{}, err
	}
	return keptStatement{query, s.(sqliteStatement)}, nil
}

// giveBack keeps a statement that has run for the next time, unless it failed.
// It returns err.
func (c *keepingConn) giveBack(s keptStatement, err error) error {
	if _, twice := c.kept[s.query]; twice || err != nil {
		_ = s.Close() // err tells more
		return err
	}
	c.kept[s.query] = c.used.PushFront(s)
	if c.used.Len() <= keptStatements {
		return nil
	}
	oldest := c.used.Remove(c.used.Back()).(keptStatement)
	delete(c.kept, oldest.query)
	return oldest.Close()
}

// Close ends the connection with its statements.
func (c *keepingConn) Close() error {
	for e := c.used.Front(); e != nil; e = e.Next() {
		_ = e.Value.(keptStatement).Close() // goes with the connection in any case
	}
	c.used.Init()
	clear(c.kept)
	return c.sqliteConn.Close()
}

// keptRows gives its statement back when it is closed.
type keptRows struct {
	sqliteRows
	giveBack func(error) error
}

// Close implements driver.Rows.
func (r *keptRows) Close() error {
	err := r.sqliteRows.Close()
	if r.giveBack != nil {
		err = r.giveBack(err)
		r.giveBack = nil
	}
	return err
}
