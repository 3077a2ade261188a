package routertest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/url"
	"os"
	"sync"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"github.com/stretchr/testify/require"

	"relevo/migrations"
	"relevo/router/store"
)

const (
	// serverVariable names a PostgreSQL to test on.
	serverVariable = "RELEVO_TEST_POSTGRES"
	// requireVariable turns the skip without a PostgreSQL into a failure.
	requireVariable = "RELEVO_REQUIRE_POSTGRES"
	// templateLock is the advisory lock under which a template is made.
	templateLock = 7353868211
)

// postgresServer is where this process's tests make their databases.
type postgresServer struct {
	url      *url.URL // of the maintenance database
	admin    *sql.DB
	template func() (string, error) // name of a migrated database to clone
}

// errNoPostgres says that there is no server and nothing to start one from.
var errNoPostgres = errors.New(serverVariable + " names no PostgreSQL and none can be started")

var connectOnce = sync.OnceValues(connect)

// connect finds or starts the server.
func connect() (*postgresServer, error) {
	dsn := os.Getenv(serverVariable)
	if dsn == "" {
		var err error
		if dsn, err = localServer(); err != nil {
			return nil, err
		}
	}
	u, err := url.Parse(dsn)
	if err != nil || u.Scheme == "" {
		return nil, fmt.Errorf("%s must be a URL such as postgres://user@host/postgres", serverVariable)
	}
	admin, err := sql.Open("pgx", dsn)
	if err != nil {
		return nil, fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	admin.SetMaxOpenConns(4)
	if err := admin.Ping(); err != nil {
		return nil, fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	server := &postgresServer{url: u, admin: admin}
	server.template = sync.OnceValues(server.makeTemplate)
	return server, nil
}

// postgresDatabase makes a database for one test, or skips the test.
func postgresDatabase(t *testing.T, migrated bool) store.Options {
	t.Helper()
	server, err := connectOnce()
	if errors.Is(err, errNoPostgres) && os.Getenv(requireVariable) != "1" {
		t.Skipf("NOT TESTED ON POSTGRESQL: %v", err)
	}
	require.NoError(t, err)

	template := "template1"
	if migrated {
		template, err = server.template()
		require.NoError(t, err, "migrate the PostgreSQL template")
	}
	name := fmt.Sprintf("relevo_test_%d_%08x", os.Getpid(), rand.Uint32())
	require.NoError(t, server.create(t.Context(), name, template))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), openTimeout)
		defer cancel()
		if _, err := server.admin.ExecContext(ctx, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return store.Options{Driver: store.Postgres, DSN: server.dsn(name)}
}

func (s *postgresServer) dsn(database string) string {
	u := *s.url
	u.Path = "/" + database
	return u.String()
}

func (s *postgresServer) create(ctx context.Context, name, template string) error {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	_, err := s.admin.ExecContext(ctx, "CREATE DATABASE "+name+" TEMPLATE "+template)
	if err != nil {
		return fmt.Errorf("create the test's database: %w", err)
	}
	return nil
}

// makeTemplate migrates a database for others to be cloned from, unless an
// earlier test binary did. Its name tells what it holds.
func (s *postgresServer) makeTemplate() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), openTimeout)
	defer cancel()
	hash, err := migrationsHash()
	if err != nil {
		return "", err
	}
	name := "relevo_template_" + hash
	conn, err := s.admin.Conn(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", templateLock); err != nil {
		return "", err
	}
	defer conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", templateLock)

	var there bool
	const exists = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)"
	if err := conn.QueryRowContext(ctx, exists, name).Scan(&there); err != nil || there {
		return name, err
	}
	// Made under another name, so that one that failed half way is not used.
	half := name + "_half"
	for _, statement := range []string{"DROP DATABASE IF EXISTS " + half, "CREATE DATABASE " + half} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return "", err
		}
	}
	if err := migrate(store.Options{Driver: store.Postgres, DSN: s.dsn(half)}); err != nil {
		return "", err
	}
	_, err = conn.ExecContext(ctx, "ALTER DATABASE "+half+" RENAME TO "+name)
	return name, err
}

// migrationsHash names the schema that the migrations make.
func migrationsHash() (string, error) {
	files, err := migrations.Files("postgres")
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	err = fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, path)
		fmt.Fprintf(sum, "%s %d\n%s", path, len(text), text)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil)[:8]), err
}
