package main

import (
	"io"
	"log/slog"

	"relevo/config"
)

// newLogger returns the log of a process. Its lines hold ids, reasons and
// times, never tokens and never what people wrote.
func newLogger(c config.Log, to io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		level = slog.LevelInfo // validated; this is for callers without a configuration
	}
	options := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(to, options))
	}
	return slog.New(slog.NewTextHandler(to, options))
}
