package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"relevo/config"
	"relevo/migrations"
	"relevo/router/store"
)

// openDatabase opens the configured database, without touching its schema.
func openDatabase(ctx context.Context, c config.Database, log *slog.Logger) (*store.DB, error) {
	return store.Open(ctx, store.Options{Driver: store.Dialect(c.Driver), Path: c.Path, DSN: c.DSN.Reveal(),
		MaxConnections: c.MaxConnections, Logger: log})
}

// migrate brings the database up to this binary's version; a newer database is
// refused.
func migrate(ctx context.Context, db *store.DB) (int, error) {
	dialect := string(db.Dialect())
	if err := migrations.Check(ctx, db.SQL(), dialect); err != nil {
		return 0, err
	}
	return migrations.Up(ctx, db.SQL(), dialect)
}

func (a *app) migrateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database up to this version; serve does the same at its start",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.load()
			if err != nil {
				return err
			}
			db, err := openDatabase(cmd.Context(), c.Database, newLogger(c.Log, a.problems))
			if err != nil {
				return err
			}
			defer db.Close()
			applied, err := migrate(cmd.Context(), db)
			if err != nil {
				return err
			}
			fmt.Fprintf(a.out, "%d migrations applied, the database is up to date\n", applied)
			return nil
		},
	}
}
