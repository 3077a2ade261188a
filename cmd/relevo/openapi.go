package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"relevo/config"
	"relevo/router"
	"relevo/router/api"
	"relevo/router/api/openapi"
	"relevo/router/live"
)

func (a *app) openapiCommand() *cobra.Command {
	return &cobra.Command{Use: "openapi", Short: "Print the API document (OpenAPI 3.1)", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var text []byte
			err := withIdleServer(cmd.Context(), func(s *api.Server) (err error) {
				text, err = openapi.Build(s)
				return err
			})
			if err != nil {
				return err
			}
			_, err = a.out.Write(text)
			return err
		}}
}

// withIdleServer calls use with a server that has every address of the product
// and no database: what it is made of can be asked, and no request served.
func withIdleServer(ctx context.Context, use func(*api.Server) error) error {
	l, err := live.New(live.Options{Agent: func(context.Context, int64) (*router.Agent, router.Scope, error) {
		return nil, router.Scope{}, errors.New("nobody is here")
	}})
	if err != nil {
		return err
	}
	s, err := newServer(config.Default(), router.New(router.Options{}), l, time.Now, slog.New(slog.DiscardHandler))
	if err == nil {
		err = use(s)
	}
	return errors.Join(err, l.Close(context.WithoutCancel(ctx)))
}
