package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
)

// connectionLifetime lets a pool move to other servers behind one name.
const connectionLifetime = time.Hour

func (db *DB) openPostgres(ctx context.Context) error {
	config, err := pgx.ParseConfig(db.opts.DSN)
	if err != nil {
		return err // pgx leaves the password out
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "relevo"
	}
	config.RuntimeParams["timezone"] = "UTC"

	pool := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(scanTimesAsUTC))
	pool.SetMaxOpenConns(db.opts.MaxConnections)
	pool.SetMaxIdleConns(db.opts.MaxConnections)
	pool.SetConnMaxLifetime(connectionLifetime)
	db.writeSQL, db.readSQL = pool, pool
	if err := pool.PingContext(ctx); err != nil {
		return err
	}
	db.write, err = openGorm(postgresDialector{postgres.New(postgres.Config{Conn: pool}).(*postgres.Dialector)}, db.opts)
	db.read = db.write
	return err
}

// postgresDialector is gorm's, except that it never writes values into a
// statement. gorm does so for a logger, and in Scan before our logger could
// refuse: tokens and customers' words would stand in the log, and every query
// would pay for it.
type postgresDialector struct {
	*postgres.Dialector
}

// Explain returns the statement as it is.
func (postgresDialector) Explain(sql string, _ ...any) string { return sql }

// scanTimesAsUTC makes times come back in UTC; pgx gives them in the zone of
// the process.
func scanTimesAsUTC(_ context.Context, conn *pgx.Conn) error {
	conn.TypeMap().RegisterType(&pgtype.Type{
		Name:  "timestamptz",
		OID:   pgtype.TimestamptzOID,
		Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
	return nil
}
