//go:build unix

package main

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

//go:embed sql/ruler_postgres.sql
var rulerPostgresTables string

//go:embed sql/ruler_postgres_tx.sql
var rulerPostgresTx string

// clients is how many connections ruler and Relevo are loaded through.
const clients = 8

// rulerPostgres is PostgreSQL's own speed, told by its own pgbench.
type rulerPostgres struct {
	server   *postgres
	database string
	dsn      string
	script   string // a file
}

func newRulerPostgres(ctx context.Context, server *postgres, dir string) (*rulerPostgres, error) {
	database, dsn, err := server.create(ctx, "ruler")
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	for _, statement := range statements(rulerPostgresTables) {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return nil, fmt.Errorf("tables of the ruler: %w", err)
		}
	}
	r := &rulerPostgres{server, database, dsn, filepath.Join(dir, "tx.sql")}
	return r, os.WriteFile(r.script, []byte(rulerPostgresTx), 0o600)
}

var tpsLine = regexp.MustCompile(`(?m)^tps = ([0-9.]+)`)

// measure runs the raw transaction for d.
func (r *rulerPostgres) measure(ctx context.Context, d time.Duration) (sample, error) {
	seconds := strconv.Itoa(max(1, int(d.Round(time.Second)/time.Second))) // pgbench takes whole ones
	cmd, err := r.server.command(ctx, r.dsn, "-n", "-M", "prepared", "-f", r.script, "-c", strconv.Itoa(clients), "-T", seconds)
	if err != nil {
		return sample{}, err
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return sample{}, fmt.Errorf("pgbench: %w\n%s", err, out)
	}
	rate, err := tps(out)
	if err != nil {
		return sample{}, err
	}
	return sample{perSecond: rate}, r.server.settle(ctx, r.database)
}

// tps reads the transactions per second out of what pgbench prints.
func tps(out []byte) (float64, error) {
	found := tpsLine.FindSubmatch(out)
	if found == nil {
		return 0, errors.New("pgbench tells no tps:\n" + string(out))
	}
	return strconv.ParseFloat(string(found[1]), 64)
}
