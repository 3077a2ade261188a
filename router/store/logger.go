package store

import (
	"context"
	"log/slog"
	"time"

	"gorm.io/gorm/logger"
)

// slowLogger is gorm's door to slog. It logs statements that took too long and
// nothing else: errors are returned, and whoever ends them logs them. Values
// never pass it, because they are customers' words.
type slowLogger struct {
	slog *slog.Logger
	slow time.Duration
}

// LogMode is asked for by gorm's Debug; there is no louder mode.
func (l slowLogger) LogMode(logger.LogLevel) logger.Interface { return l }

// Info, Warn and Error take gorm's complaints about models. Their arguments
// may be rows, so only the sentence is logged.
func (l slowLogger) Info(ctx context.Context, msg string, _ ...any) {
	l.slog.InfoContext(ctx, "gorm", "sentence", msg)
}

func (l slowLogger) Warn(ctx context.Context, msg string, _ ...any) {
	l.slog.WarnContext(ctx, "gorm", "sentence", msg)
}

func (l slowLogger) Error(ctx context.Context, msg string, _ ...any) {
	l.slog.ErrorContext(ctx, "gorm", "sentence", msg)
}

// Trace is called after each statement.
func (l slowLogger) Trace(ctx context.Context, begin time.Time, statement func() (string, int64), err error) {
	took := time.Since(begin)
	if l.slow < 0 || took < l.slow {
		return
	}
	sql, rows := statement()
	l.slog.WarnContext(ctx, "slow query", "sql", sql, "rows", rows, "took", took, "failed", err != nil)
}

// ParamsFilter keeps values out of what Trace is given.
func (slowLogger) ParamsFilter(_ context.Context, sql string, _ ...any) (string, []any) {
	return sql, nil
}
