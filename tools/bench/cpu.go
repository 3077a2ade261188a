//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// tick is the unit of processor times in /proc.
const tick = 10 * time.Millisecond

// cpu is processor time by who used it. Where there is no /proc all but the
// client's is 0.
type cpu struct {
	relevo, database, client, machine time.Duration
}

// readCPU reads the clocks now. A pid of 0 is nobody.
func readCPU(relevo, database int) cpu {
	var self, children syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &self)
	_ = syscall.Getrusage(syscall.RUSAGE_CHILDREN, &children) // pgbench
	c := cpu{client: rusage(self) + rusage(children), machine: machineTime()}
	own, _, _ := processTimes(relevo)
	c.relevo = own
	own, ended, _ := processTimes(database)
	c.database = own + ended
	for _, pid := range childrenOf(database) {
		own, _, _ := processTimes(pid)
		c.database += own
	}
	return c
}

func (c cpu) since(before cpu) cpu {
	return cpu{c.relevo - before.relevo, c.database - before.database, c.client - before.client, c.machine - before.machine}
}

// ours is what the measured and the measuring used together.
func (c cpu) ours() time.Duration { return c.relevo + c.database + c.client }

// others is what everybody else on the machine used.
func (c cpu) others() time.Duration {
	return max(0, c.machine-c.ours())
}

func rusage(r syscall.Rusage) time.Duration {
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// processTimes returns what a process used, what its ended children used, and
// its parent.
func processTimes(pid int) (own, ended time.Duration, parent int) {
	if pid == 0 {
		return 0, 0, 0
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0, 0
	}
	_, rest, _ := bytes.Cut(text[bytes.LastIndexByte(text, ')')+1:], []byte(" ")) // the name may hold blanks
	f := strings.Fields(string(rest))
	if len(f) < 15 {
		return 0, 0, 0
	}
	n := func(i int) time.Duration { v, _ := strconv.ParseInt(f[i], 10, 64); return time.Duration(v) * tick }
	parent, _ = strconv.Atoi(f[1])
	return n(11) + n(12), n(13) + n(14), parent
}

func childrenOf(pid int) []int {
	if pid == 0 {
		return nil
	}
	var found []int
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is right
	for _, stat := range stats {
		child, _ := strconv.Atoi(filepath.Base(filepath.Dir(stat)))
		if _, _, parent := processTimes(child); parent == pid {
			found = append(found, child)
		}
	}
	return found
}

// machineTime is what all processors together have been busy.
func machineTime() time.Duration {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(text), "\n")
	var busy time.Duration
	for i, field := range strings.Fields(line) {
		if i == 0 || i == 4 || i == 5 || i > 8 { // its name, idle, waiting for disks, guests (counted already)
			continue
		}
		n, _ := strconv.ParseInt(field, 10, 64)
		busy += time.Duration(n) * tick
	}
	return busy
}
