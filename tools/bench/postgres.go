//go:build unix

package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"relevo/router/routertest/pgserver"
)

const (
	// serverVariable names a PostgreSQL to measure on instead of our own.
	serverVariable  = "RELEVO_TEST_POSTGRES"
	requireVariable = "RELEVO_REQUIRE_POSTGRES"
	startTimeout    = time.Minute
)

// production is how a careful operator sets PostgreSQL up: a commit is on the
// disk before it is answered.
var production = []string{"fsync=on", "synchronous_commit=on", "wal_sync_method=fdatasync",
	"shared_buffers=1GB", "max_wal_size=4GB", "max_connections=200"}

// postgres is the server that both the ruler and Relevo use.
type postgres struct {
	url     *url.URL
	admin   *sql.DB
	pgbench string
	server  *child // nil when the server is not ours
	made    []string
}

// startPostgres starts a server of our own under dir, or connects to the one
// that RELEVO_TEST_POSTGRES names.
func startPostgres(ctx context.Context, dir string) (*postgres, error) {
	if dsn := os.Getenv(serverVariable); dsn != "" {
		u, err := url.Parse(dsn)
		if err != nil || u.Scheme == "" {
			return nil, fmt.Errorf("%s must be a URL such as postgres://user@host/postgres", serverVariable)
		}
		pg := &postgres{url: u, pgbench: "pgbench"}
		return pg, pg.connect(ctx)
	}
	programs, err := pgserver.Find()
	if err != nil {
		return nil, err
	}
	pg := &postgres{pgbench: filepath.Join(programs.Folder, "pgbench")}
	home := filepath.Join(dir, "postgres")
	data := filepath.Join(home, "data")
	if err := programs.MakeFolder(home); err != nil {
		return nil, err
	}
	password := rand.Text()
	if err := os.WriteFile(filepath.Join(home, "password"), []byte(password), 0o644); err != nil { // the folder is closed
		return nil, err
	}
	err = programs.Run(ctx, home, "initdb", "-D", data, "-U", "postgres", "-A", "scram-sha-256",
		"--pwfile", filepath.Join(home, "password"), "-E", "UTF8", "--locale=C")
	if err != nil {
		return nil, err
	}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	args := []string{"-D", data, "-h", "127.0.0.1", "-p", strconv.Itoa(address.Port), "-k", ""}
	for _, setting := range production {
		args = append(args, "-c", setting)
	}
	pg.url = &url.URL{Scheme: "postgres", User: url.UserPassword("postgres", password), Host: address.String(), Path: "/postgres"}
	if pg.server, err = startChild(programs.Command(context.WithoutCancel(ctx), home, "postgres", args...), filepath.Join(dir, "postgres.log")); err != nil {
		return nil, err
	}
	return pg, pg.connect(ctx)
}

func (pg *postgres) connect(ctx context.Context) (err error) {
	if pg.admin, err = sql.Open("pgx", pg.url.String()); err != nil {
		return errors.Join(err, pg.close())
	}
	if pg.server == nil {
		err = pg.admin.PingContext(ctx)
	} else {
		err = pg.server.await(ctx, startTimeout, pg.admin.PingContext)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("connect to PostgreSQL: %w", err), pg.close())
	}
	return nil
}

// create makes an empty database and returns its full name and its URL.
func (pg *postgres) create(ctx context.Context, name string) (full, dsn string, err error) {
	name = "relevo_bench_" + name + "_" + strings.ToLower(rand.Text()[:8])
	if _, err := pg.admin.ExecContext(ctx, "CREATE DATABASE "+name); err != nil {
		return "", "", err
	}
	pg.made = append(pg.made, name)
	u := *pg.url
	u.Path = "/" + name
	return name, u.String(), nil
}

// settle waits until nobody is connected to a database any more, and a moment
// longer: what a connection used of the processor is counted when its process
// has ended.
func (pg *postgres) settle(ctx context.Context, database string) error {
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		var n int
		err := pg.admin.QueryRowContext(ctx, "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'", database).Scan(&n)
		if err != nil {
			return err
		}
		<-again.C
		if n == 0 {
			pause(200 * time.Millisecond)
			return nil
		}
	}
}

// version is what the server calls itself.
func (pg *postgres) version(ctx context.Context) string {
	var v string
	_ = pg.admin.QueryRowContext(ctx, "SHOW server_version").Scan(&v)
	return v
}

func (pg *postgres) pid() int {
	if pg.server == nil {
		return 0
	}
	return pg.server.pid()
}

// close ends our own server; of another's it removes what we have made.
func (pg *postgres) close() error {
	if pg.server != nil {
		defer pg.server.stop()
		return pg.admin.Close()
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	var errs []error
	for _, name := range pg.made {
		_, err := pg.admin.ExecContext(ctx, "DROP DATABASE "+name+" WITH (FORCE)")
		errs = append(errs, err)
	}
	return errors.Join(append(errs, pg.admin.Close())...)
}

// command returns a pgbench that is told by its environment where to connect,
// so that no password shows in the list of processes.
func (pg *postgres) command(ctx context.Context, dsn string, args ...string) (*exec.Cmd, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, pg.pgbench, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "PGHOST="+config.Host, "PGPORT="+strconv.Itoa(int(config.Port)),
		"PGUSER="+config.User, "PGPASSWORD="+config.Password, "PGDATABASE="+config.Database)
	dieWithUs(cmd)
	return cmd, nil
}
