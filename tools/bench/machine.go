//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// machine describes what the figures were taken on.
func machine(dir string) string {
	facts := []string{fmt.Sprintf("%d processors", runtime.NumCPU())}
	if model := valueIn("/proc/cpuinfo", "model name"); model != "" {
		facts = append(facts, model)
	}
	if memory := valueIn("/proc/meminfo", "MemTotal"); memory != "" {
		facts = append(facts, "memory "+memory)
	}
	facts = append(facts, runtime.GOOS+"/"+runtime.GOARCH, runtime.Version())
	if rate, err := syncs(dir); err == nil {
		facts = append(facts, fmt.Sprintf("%.0f fsync/s in %s", rate, filepath.Dir(dir)))
	}
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		facts = append(facts, "load "+strings.Join(strings.Fields(string(load))[:3], " "))
	}
	return "Machine: " + strings.Join(facts, ", ") + "; servers, database and clients share it."
}

// valueIn returns the value of the first line "key : value" of a file.
func valueIn(file, key string) string {
	text, _ := os.ReadFile(file)
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == key {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// syncs measures how often a second 8 kB can be brought to the disk, which
// every commit waits for.
func syncs(dir string) (float64, error) {
	f, err := os.Create(filepath.Join(dir, "fsync"))
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	page := make([]byte, 8192)
	start, n := time.Now(), 0
	for ; time.Since(start) < 300*time.Millisecond; n++ {
		if _, err := f.WriteAt(page, int64(n%128)*int64(len(page))); err != nil {
			return 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, err
		}
	}
	return float64(n) / time.Since(start).Seconds(), nil
}
