package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm"
)

// ErrNoTx is returned by Pgx for a handle that is not that of a running Tx: what
// was written through it would be committed by itself.
var ErrNoTx = errors.New("not inside a transaction")

// inTransaction is PostgreSQL's own word for a transaction that runs and has not failed.
const inTransaction = 'T'

type heldConn struct{}

// transact runs change in one transaction. On PostgreSQL it holds the
// connection by name, so that Pgx can find it.
func (db *DB) transact(ctx context.Context, change func(tx *gorm.DB) error) error {
	if db.opts.Driver == SQLite {
		return db.write.WithContext(ctx).Transaction(change)
	}
	conn, err := db.writeSQL.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() // gives it back
	tx := db.write.Session(&gorm.Session{NewDB: true, Context: context.WithValue(ctx, heldConn{}, conn)})
	tx.Statement.ConnPool = conn
	return tx.Transaction(change)
}

// Pgx lends the connection of a running Tx on PostgreSQL to a library that
// speaks to pgx itself, such as the queue of jobs: what it writes is committed
// or rolled back with the rest. No rows of tx may be open. ErrNoTx says that tx
// is no running Tx.
func Pgx(tx *gorm.DB, use func(ctx context.Context, conn *pgx.Conn) error) error {
	ctx := tx.Statement.Context
	conn, ok := ctx.Value(heldConn{}).(*sql.Conn)
	if !ok {
		return ErrNoTx
	}
	return conn.Raw(func(driverConn any) error {
		std, ok := driverConn.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("PostgreSQL's driver has changed: %T", driverConn)
		}
		if std.Conn().PgConn().TxStatus() != inTransaction {
			return ErrNoTx
		}
		return use(ctx, std.Conn())
	})
}
