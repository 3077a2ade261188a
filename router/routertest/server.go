//go:build unix && !aix && !solaris && !illumos

package routertest

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"relevo/router/routertest/pgserver"
)

// startTimeout limits making and starting a server.
const startTimeout = 2 * time.Minute

// keeper stops the server when no test has used it for a while.
//
//go:embed keeper.sh
var keeper string

// settings are for a server whose data nobody will miss.
const settings = `
listen_addresses = ''
unix_socket_directories = '%s'
max_connections = 300
shared_buffers = 128MB
max_wal_size = 1GB
fsync = off
synchronous_commit = off
full_page_writes = off
max_parallel_workers_per_gather = 0
deadlock_timeout = 50ms
`

// home is the folder of the shared server:
//
//	lock      held (flock) by whoever starts or stops the server
//	server/   the account's own, closed to others: data, log and socket
type home struct {
	dir      string
	programs *pgserver.Programs
}

// localServer returns the URL of the server that this machine's tests share,
// after starting it if need be. It is reachable by its socket only, which
// only its account and root may open.
func localServer() (string, error) {
	programs, err := pgserver.Find()
	if errors.Is(err, pgserver.ErrMissing) {
		return "", fmt.Errorf("%w: %w", errNoPostgres, err)
	}
	if err != nil {
		return "", err
	}
	h := &home{programs: programs, dir: os.TempDir()}
	if os.Getuid() == 0 {
		h.dir = "/tmp" // the other account may not be let into TMPDIR
	}
	h.dir = filepath.Join(h.dir, fmt.Sprintf("relevo-postgres-%d", os.Getuid()))
	if err := h.claim(); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()

	lock, err := os.OpenFile(filepath.Join(h.dir, "lock"), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return "", fmt.Errorf("share PostgreSQL: %w", err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", fmt.Errorf("share PostgreSQL: %w", err)
	}
	if h.answers(ctx) {
		return h.url(), nil
	}
	return h.url(), h.start(ctx)
}

// claim makes the folder, or makes sure that it is ours: the folder of
// temporary files is everybody's.
func (h *home) claim() error {
	if err := os.Mkdir(h.dir, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("share PostgreSQL: %w", err)
	}
	info, err := os.Lstat(h.dir)
	if err != nil {
		return fmt.Errorf("share PostgreSQL: %w", err)
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); !ok || !info.IsDir() || int(stat.Uid) != os.Getuid() {
		return fmt.Errorf("share PostgreSQL: %s is not a folder of this user", h.dir)
	}
	return nil
}

func (h *home) server() string { return filepath.Join(h.dir, "server") }
func (h *home) data() string   { return filepath.Join(h.server(), "data") }

func (h *home) url() string {
	u := url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/postgres",
		RawQuery: url.Values{"host": {h.server()}}.Encode()}
	return u.String()
}

// answers tells whether the server runs.
func (h *home) answers(ctx context.Context) bool {
	db, err := sql.Open("pgx", h.url())
	if err != nil {
		return false
	}
	defer db.Close()
	return db.PingContext(ctx) == nil
}

// start makes a new server in place of whatever an earlier one left.
func (h *home) start(ctx context.Context) error {
	if _, err := os.Stat(h.data()); err == nil {
		_ = h.run(ctx, "pg_ctl", "stop", "-D", h.data(), "-m", "immediate") // fails if it is dead, as it should be
	}
	if err := os.RemoveAll(h.server()); err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	if err := h.programs.MakeFolder(h.server()); err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	if err := h.run(ctx, "initdb", "-D", h.data(), "-U", "postgres", "-A", "trust",
		"-E", "UTF8", "--locale=C", "--no-sync"); err != nil {
		return err
	}
	if err := h.configure(); err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	if err := h.run(ctx, "pg_ctl", "start", "-D", h.data(), "-w", "-t", "60", "-s",
		"-l", filepath.Join(h.server(), "log")); err != nil {
		log, _ := os.ReadFile(filepath.Join(h.server(), "log"))
		return fmt.Errorf("%w\n%s", err, log)
	}
	return h.keep()
}

func (h *home) configure() error {
	f, err := os.OpenFile(filepath.Join(h.data(), "postgresql.conf"), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, settings, strings.ReplaceAll(h.server(), "'", "''"))
	return errors.Join(err, f.Close())
}

// keep leaves the keeper behind, apart from this process and its terminal.
func (h *home) keep() error {
	cmd := h.programs.Script(h.server(), keeper, "relevo-postgres-keeper", h.programs.Folder, h.server(), filepath.Join(h.dir, "lock"))
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("watch over PostgreSQL: %w", err)
	}
	return cmd.Process.Release()
}

func (h *home) run(ctx context.Context, program string, args ...string) error {
	if err := h.programs.Run(ctx, h.server(), program, args...); err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	return nil
}
