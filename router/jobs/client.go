package jobs

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"
	"gorm.io/gorm"

	"relevo/router/store"
)

// client is River inside our transactions. Its driver is of another type on
// each database.
type client interface {
	insert(tx *gorm.DB, params []river.InsertManyParams) error
	list(tx *gorm.DB, params *river.JobListParams) ([]*rivertype.JobRow, error)
	get(tx *gorm.DB, id int64) (*rivertype.JobRow, error)
	retry(tx *gorm.DB, id int64) error
}

func newClient(db *store.DB, config *river.Config) (client, error) {
	if db.Dialect() == store.SQLite {
		c, err := river.NewClient(riversqlite.New(db.SQL()), config)
		return inTx[*sql.Tx]{c, lendSQL}, err
	}
	c, err := river.NewClient(riverpgxv5.New(nil), config)
	return inTx[pgx.Tx]{c, lendPgx}, err
}

// inTx is a client with the way from gorm's transaction to the driver's.
type inTx[T any] struct {
	river *river.Client[T]
	lend  func(tx *gorm.DB, use func(ctx context.Context, tx T) error) error
}

func (c inTx[T]) insert(tx *gorm.DB, params []river.InsertManyParams) error {
	return c.lend(tx, func(ctx context.Context, tx T) error {
		_, err := c.river.InsertManyTx(ctx, tx, params)
		return err
	})
}

func (c inTx[T]) list(tx *gorm.DB, params *river.JobListParams) (rows []*rivertype.JobRow, err error) {
	err = c.lend(tx, func(ctx context.Context, tx T) error {
		found, err := c.river.JobListTx(ctx, tx, params)
		if err == nil {
			rows = found.Jobs
		}
		return err
	})
	return rows, err
}

func (c inTx[T]) get(tx *gorm.DB, id int64) (row *rivertype.JobRow, err error) {
	err = c.lend(tx, func(ctx context.Context, tx T) error {
		row, err = c.river.JobGetTx(ctx, tx, id)
		return err
	})
	return row, err
}

func (c inTx[T]) retry(tx *gorm.DB, id int64) error {
	return c.lend(tx, func(ctx context.Context, tx T) error {
		_, err := c.river.JobRetryTx(ctx, tx, id)
		return err
	})
}

func lendSQL(tx *gorm.DB, use func(ctx context.Context, tx *sql.Tx) error) error {
	own, ok := tx.Statement.ConnPool.(*sql.Tx)
	if !ok {
		return store.ErrNoTx
	}
	return use(tx.Statement.Context, own)
}

func lendPgx(tx *gorm.DB, use func(ctx context.Context, tx pgx.Tx) error) error {
	return store.Pgx(tx, func(ctx context.Context, c *pgx.Conn) error { return use(ctx, lentTx{c}) })
}

// lentTx is a transaction that somebody else has begun and will end.
type lentTx struct{ conn }

type conn = *pgx.Conn

var errLent = fmt.Errorf("a lent transaction: %w", pgx.ErrTxClosed)

// Begin implements pgx.Tx; it refuses.
func (lentTx) Begin(context.Context) (pgx.Tx, error) { return nil, errLent }

// Commit implements pgx.Tx; it refuses.
func (lentTx) Commit(context.Context) error { return errLent }

// Rollback implements pgx.Tx; it refuses.
func (lentTx) Rollback(context.Context) error { return errLent }

// LargeObjects implements pgx.Tx; nobody has any.
func (lentTx) LargeObjects() pgx.LargeObjects { return pgx.LargeObjects{} }

// Conn implements pgx.Tx.
func (t lentTx) Conn() *pgx.Conn { return t.conn }
