package main

import (
	"context"
	"log/slog"
	"net/http"
	"reflect"
	"time"

	"relevo/agentdesk"
	"relevo/channel"
	"relevo/config"
	"relevo/router"
	"relevo/router/api"
	"relevo/router/api/openapi"
	"relevo/router/live"
	"relevo/web"
)

// newServer puts every address of the product on one screen. docs/access.md
// says of each who may call it.
func newServer(c *config.Config, r *router.Router, l *live.Live, now func() time.Time, log *slog.Logger) (*api.Server, error) {
	server, err := api.New(api.Options{Logger: log, BodyLimit: c.Server.BodyLimit.Bytes(), TrustedProxies: c.Server.TrustedProxies, Now: now})
	if err != nil {
		return nil, err
	}
	public := channel.New(channel.Options{Router: r, PublicURL: c.Server.PublicURL, VisitorPerMinute: c.Limits.VisitorPerMinute,
		IPPerMinute: c.Limits.IPPerMinute, Now: now})
	desk := agentdesk.New(agentdesk.Options{Router: r, Version: version, Clock: now, PublicURL: c.Server.PublicURL, File: c.FileName()})
	public.Routes(server) // /public/api/v1/inboxes/…, /public/api/v1/csat_survey/…, /survey/…, /attachments/…
	desk.Routes(server)   // /api, /api/v1/…
	public.RealtimeRoutes(server, l)
	desk.RealtimeRoutes(server, l)
	l.Mount(server)                      // /realtime
	openapi.Mount(server)                // /docs
	web.Mount(server, allowedDomains(r)) // /widget.js, /widget/…
	mountProbes(server, r)
	return server, nil
}

// allowedDomains says whose pages may show the widget of an inbox. One that is
// not there has nothing to show.
func allowedDomains(r *router.Router) web.Hosts {
	return func(ctx context.Context, identifier string) []string {
		inbox, err := r.InboxByIdentifier(ctx, identifier)
		if err != nil {
			return nil
		}
		return inbox.Settings.Widget.AllowedDomains
	}
}

// probeJSON is the answer of a probe.
type probeJSON struct {
	Status   string `json:"status" enum:"ok,unavailable"`
	Database string `json:"database,omitempty"`
}

func mountProbes(s *api.Server, r *router.Router) {
	probe := reflect.TypeFor[probeJSON]()
	fine := api.Answer{Status: http.StatusOK, Meaning: "Yes", Type: "application/json", Body: probe}
	s.Mount(api.Operation{Method: http.MethodGet, Path: "/healthz", Name: "isAlive", Summary: "Whether the process lives; it asks nobody",
		Answers: []api.Answer{fine}}, healthz())
	s.Mount(api.Operation{Method: http.MethodGet, Path: "/readyz", Name: "isReady", Summary: "Whether requests can be served: whether the database answers",
		Answers: []api.Answer{fine, {Status: http.StatusServiceUnavailable, Meaning: "No", Type: "application/json", Body: probe}}}, readyz(r))
}

// healthz says that the process lives; it asks nobody.
func healthz() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"status":"ok"}` + "\n"))
	})
}

// readyz says whether requests can be served: whether the database answers.
func readyz(r *router.Router) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if err := r.Ready(req.Context()); err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte(`{"status":"unavailable","database":"no answer"}` + "\n"))
			return
		}
		_, _ = w.Write([]byte(`{"status":"ok","database":"ok"}` + "\n"))
	})
}
