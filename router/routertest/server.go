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
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
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
	dir     string
	bin     string     // folder of initdb, postgres and pg_ctl
	account *user.User // who runs the server; nil for ourselves
}

// localServer returns the URL of the server that this machine's tests share,
// after starting it if need be. It is reachable by its socket only, which
// only its account and root may open.
func localServer() (string, error) {
	bin, err := postgresBinaries()
	if err != nil {
		return "", err
	}
	h := &home{bin: bin, dir: os.TempDir()}
	if os.Getuid() == 0 {
		h.dir = "/tmp" // the other account may not be let into TMPDIR
		if h.account, err = serverAccount(); err != nil {
			return "", err
		}
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
	if err := os.Mkdir(h.server(), 0o700); err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	if h.account != nil {
		uid, gid := h.ids()
		if err := os.Chown(h.server(), int(uid), int(gid)); err != nil {
			return fmt.Errorf("start PostgreSQL: %w", err)
		}
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
	cmd := exec.Command("/bin/sh", "-c", keeper, "relevo-postgres-keeper", h.bin, h.server(), filepath.Join(h.dir, "lock"))
	h.as(cmd)
	cmd.SysProcAttr.Setsid = true
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("watch over PostgreSQL: %w", err)
	}
	return cmd.Process.Release()
}

func (h *home) run(ctx context.Context, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(h.bin, program), args...)
	h.as(cmd)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("start PostgreSQL: %s: %w\n%s", program, err, out)
	}
	return nil
}

// as makes a command run as the server's account, in a folder it may enter.
func (h *home) as(cmd *exec.Cmd) {
	cmd.Dir = h.server()
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	if h.account != nil {
		uid, gid := h.ids()
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uid, Gid: gid}
		cmd.Env = append(cmd.Env, "HOME="+h.server(), "USER="+h.account.Username)
	}
}

func (h *home) ids() (uid, gid uint32) {
	u, _ := strconv.ParseUint(h.account.Uid, 10, 32) // serverAccount has checked them
	g, _ := strconv.ParseUint(h.account.Gid, 10, 32)
	return uint32(u), uint32(g)
}

// serverAccount finds who may run the server for root, which PostgreSQL
// refuses to run as.
func serverAccount() (*user.User, error) {
	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		_, uidErr := strconv.ParseUint(account.Uid, 10, 32)
		_, gidErr := strconv.ParseUint(account.Gid, 10, 32)
		if uidErr == nil && gidErr == nil {
			return account, nil
		}
	}
	return nil, fmt.Errorf("%w: root cannot run it and there is no account postgres or nobody", errNoPostgres)
}

// postgresBinaries returns the folder of the server's programs: that of the
// initdb in PATH, or the newest of Debian's.
func postgresBinaries() (string, error) {
	folders, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // the pattern is right
	version := func(folder string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(folder))) // 0 for what is no version
		return n
	}
	slices.SortFunc(folders, func(a, b string) int { return version(b) - version(a) })
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			folders = slices.Insert(folders, 0, filepath.Dir(path))
		}
	}
	for _, folder := range folders {
		complete := true
		for _, program := range []string{"initdb", "postgres", "pg_ctl"} {
			if _, err := exec.LookPath(filepath.Join(folder, program)); err != nil {
				complete = false
			}
		}
		if complete {
			return folder, nil
		}
	}
	return "", errNoPostgres
}
