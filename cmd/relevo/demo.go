package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"

	"relevo/agentdesk"
	"relevo/config"
	"relevo/router"
	"relevo/router/fault"
)

// The demonstration's people. Their tokens are known to everybody, so they
// exist nowhere else, and the demonstration listens on loopback only.
var demoAgents = []struct {
	agent router.Agent
	token string
}{
	{router.Agent{Name: "Marta", Email: "marta@example.com", Role: router.RoleAdministrator, AutoOffline: true}, "demo-admin"},
	{router.Agent{Name: "Diego", Email: "diego@example.com", Role: router.RoleAgent, AutoOffline: true}, "demo-agent"},
}

const demoPort = "8080"

// loadDemo is the demonstration's configuration. Only the port can be chosen:
// what the environment says of a real installation does not reach it.
func (a *app) loadDemo() (*config.Config, error) {
	port := demoPort
	for _, line := range a.env {
		if p, ok := strings.CutPrefix(line, "PORT="); ok && p != "" {
			port = p
		}
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return nil, fmt.Errorf("PORT must be a number up to 65535, not %q", port)
	}
	source := config.Demo
	if port != "0" { // the page of its campaign; of a port that the system chooses nothing is known yet
		source = bytes.ReplaceAll(source, []byte(":"+demoPort+"/ofertas"), []byte(":"+port+"/ofertas"))
	}
	return config.Parse("demo.yaml", source, []string{"RELEVO_SERVER_LISTEN=127.0.0.1:" + port})
}

// resetDemo removes the demonstration's database, unless somebody serves it.
func resetDemo(ctx context.Context, c *config.Config, demo bool) error {
	if !demo {
		return errors.New("--reset goes only with --demo")
	}
	db, err := openDatabase(ctx, c.Database, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	if err := errors.Join(db.Lock(), db.Close()); err != nil {
		return err
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(c.Database.Path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("reset: %w", err)
		}
	}
	return nil
}

// seedDemo adds the demonstration's agents, unless they are there already.
func seedDemo(ctx context.Context, r *router.Router) error {
	for _, d := range demoAgents {
		a, err := r.AddAgent(ctx, d.agent, agentdesk.HashToken(d.token), nil)
		if err == nil && d.agent.Role == router.RoleAgent {
			err = joinTeams(ctx, r, a.ID)
		}
		if err != nil && !errors.Is(err, fault.Taken) {
			return fmt.Errorf("demonstration: %w", err)
		}
	}
	return nil
}

// joinTeams makes an agent a member of every team, for the bot hands over to
// one.
func joinTeams(ctx context.Context, r *router.Router, agentID int64) error {
	teams, err := r.Teams(ctx)
	if err != nil {
		return err
	}
	for _, t := range teams {
		if _, err := r.SetTeamMembers(ctx, t.ID, []int64{agentID}, router.Join); err != nil {
			return err
		}
	}
	return nil
}

func announceDemo(to io.Writer, address string) {
	fmt.Fprintf(to, `
  Relevo is running at http://%[1]s (loopback only)

  Open that address: it is a shop with the chat in its corner.

  A visitor writes to the inbox "demo":
    curl -s -X POST http://%[1]s/public/api/v1/inboxes/demo/contacts -d name=Lucía
  An agent looks (tokens: demo-agent, demo-admin):
    curl -s -H "api_access_token: demo-agent" "http://%[1]s/api/v1/accounts/1/conversations?status=all"
  Mails are caught, and shown at http://%[1]s/mailbox
  The same flow in a terminal:
    bin/relevo flow chat --demo

  The next steps stand in README.md. Stop with Ctrl-C.

`, address)
}
