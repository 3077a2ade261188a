//go:build unix

// Package pgserver runs the PostgreSQL programs of this machine, so that tests
// and measurements can have a real server of their own.
package pgserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// ErrMissing says that there is nothing to start a server from.
var ErrMissing = errors.New("no PostgreSQL programs (Debian: apt-get install postgresql)")

// Programs is a folder of PostgreSQL programs, and who runs them.
type Programs struct {
	Folder  string     // holds initdb, postgres and pg_ctl
	account *user.User // nil: whoever we are
}

// Find returns the programs of the initdb in PATH, or the newest of Debian's.
// PostgreSQL refuses to run as root, so for root another account runs them.
// The error is ErrMissing where there are none.
func Find() (*Programs, error) {
	p := &Programs{}
	var err error
	if p.Folder, err = programs(); err != nil {
		return nil, err
	}
	if os.Getuid() == 0 {
		if p.account, err = unprivileged(); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// MakeFolder makes a folder that nobody but the programs' account and root may
// enter.
func (p *Programs) MakeFolder(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	if p.account == nil {
		return nil
	}
	uid, gid := p.ids()
	return os.Chown(dir, int(uid), int(gid))
}

// Command returns a command that runs one of the programs in a folder made by
// MakeFolder, as their account. ctx limits how long it runs.
func (p *Programs) Command(ctx context.Context, dir, program string, args ...string) *exec.Cmd {
	return p.as(exec.CommandContext(ctx, filepath.Join(p.Folder, program), args...), dir)
}

// Script returns a command of the shell that outlives this process, apart from
// its terminal, as the programs' account. args are $1 and so on.
func (p *Programs) Script(dir, script, name string, args ...string) *exec.Cmd {
	cmd := p.as(exec.Command("/bin/sh", append([]string{"-c", script, name}, args...)...), dir)
	cmd.SysProcAttr.Setsid = true
	return cmd
}

// Run runs a program to its end; its error tells what the program said.
func (p *Programs) Run(ctx context.Context, dir, program string, args ...string) error {
	if out, err := p.Command(ctx, dir, program, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", program, err, out)
	}
	return nil
}

func (p *Programs) as(cmd *exec.Cmd, dir string) *exec.Cmd {
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	if p.account != nil {
		uid, gid := p.ids()
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uid, Gid: gid}
		cmd.Env = append(cmd.Env, "HOME="+dir, "USER="+p.account.Username)
	}
	return cmd
}

func (p *Programs) ids() (uid, gid uint32) {
	u, _ := strconv.ParseUint(p.account.Uid, 10, 32) // unprivileged has checked them
	g, _ := strconv.ParseUint(p.account.Gid, 10, 32)
	return uint32(u), uint32(g)
}

// unprivileged finds who may run a server for root.
func unprivileged() (*user.User, error) {
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
	return nil, fmt.Errorf("%w: root cannot run them and there is no account postgres or nobody", ErrMissing)
}

func programs() (string, error) {
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
	return "", ErrMissing
}
