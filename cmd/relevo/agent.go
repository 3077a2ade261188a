package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"relevo/agentdesk"
	"relevo/config"
	"relevo/router"
	"relevo/router/fault"
	"relevo/router/jobs"
	"relevo/router/store"
	"relevo/router/texts"
)

// newPerson is what `agent add` is told.
type newPerson struct {
	router.Agent
	role     string
	inboxes  []string // identifiers; none: every inbox
	password bool     // is the first line of standard input
}

func (a *app) agentCommand() *cobra.Command {
	parent := &cobra.Command{Use: "agent", Short: "Manage the people who answer"}
	parent.AddCommand(a.agentAddCommand(), a.agentPasswordCommand())
	return parent
}

func (a *app) agentAddCommand() *cobra.Command {
	var p newPerson
	add := &cobra.Command{
		Use:   "add --email EMAIL --name NAME",
		Short: "Add an agent and print the access token, which is shown this once",
		Long: "Adds an agent and prints the access token, which is shown this once. An agent who is there already becomes a\n" +
			"member of the named inboxes, too (of every inbox, where none is named), and stays otherwise as they are.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			token, err := a.addAgent(cmd.Context(), p)
			if err != nil {
				return sentence(err)
			}
			if token != "" {
				fmt.Fprintf(a.out, "%s\n", token)
			}
			return nil
		},
	}
	add.Flags().StringVar(&p.Email, "email", "", "the agent's e-mail address")
	add.Flags().StringVar(&p.Name, "name", "", "the agent's name, as customers see it")
	add.Flags().StringVar(&p.role, "role", string(router.RoleAgent), "agent or administrator")
	add.Flags().StringVar(&p.TimeZone, "time-zone", "", "IANA name of the agent's time zone (default: the inbox's)")
	add.Flags().StringSliceVar(&p.inboxes, "inbox", nil, "identifier of an inbox that the agent answers (default: every inbox)")
	add.Flags().BoolVar(&p.password, "password-stdin", false, "read the agent's password from standard input, one line")
	_ = add.MarkFlagRequired("email")
	_ = add.MarkFlagRequired("name")
	return add
}

func (a *app) agentPasswordCommand() *cobra.Command {
	var email string
	set := &cobra.Command{
		Use:   "password --email EMAIL",
		Short: "Set an agent's password, read from standard input, and end the agent's sessions",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return sentence(a.setPassword(cmd.Context(), email))
		},
	}
	set.Flags().StringVar(&email, "email", "", "the agent's e-mail address")
	_ = set.MarkFlagRequired("email")
	return set
}

// addAgent stores an agent and returns the new token. The server may be
// running: it needs no restart.
func (a *app) addAgent(ctx context.Context, p newPerson) (token string, err error) {
	p.Role, p.AutoOffline = router.Role(p.role), true
	if p.password {
		if p.PasswordHash, err = a.readPassword(ctx); err != nil {
			return "", err
		}
	}
	err = a.withRouter(ctx, func(r *router.Router) error {
		var ids []int64
		for _, identifier := range p.inboxes {
			i, err := r.InboxByIdentifier(ctx, identifier)
			if err != nil {
				return fmt.Errorf("inbox %q: %w", identifier, err)
			}
			ids = append(ids, i.ID)
		}
		var hash string
		token, hash = agentdesk.NewToken()
		_, err := r.AddAgent(ctx, p.Agent, hash, ids)
		if !errors.Is(err, fault.Taken) || p.password {
			return err
		}
		token = ""
		return a.addInboxes(ctx, r, p.Email, ids)
	})
	return token, err
}

// addInboxes makes an agent who is there already a member of inboxes, of all
// where none are named. The rest of the agent stays as it is.
func (a *app) addInboxes(ctx context.Context, r *router.Router, email string, ids []int64) error {
	agent, err := r.AgentByEmail(ctx, email)
	if err != nil {
		return err
	}
	if ids == nil {
		all, err := r.Inboxes(ctx)
		if err != nil {
			return err
		}
		for _, i := range all {
			ids = append(ids, i.ID)
		}
	}
	for _, id := range ids {
		if _, err := r.SetInboxMembers(ctx, router.By{}, id, []int64{agent.ID}, router.Join); err != nil {
			return err
		}
	}
	fmt.Fprintf(a.problems, "%s is there already and answers these inboxes, too, now; name, role and token stay as they are\n", agent.Email)
	return nil
}

func (a *app) setPassword(ctx context.Context, email string) error {
	hash, err := a.readPassword(ctx)
	if err != nil {
		return err
	}
	return a.withRouter(ctx, func(r *router.Router) error {
		agent, err := r.AgentByEmail(ctx, email)
		if err != nil {
			return err
		}
		_, err = r.UpdateAgent(ctx, agent.ID, router.AgentDraft{PasswordHash: &hash}, "")
		return err
	})
}

// readPassword returns the hash of the password that is the first line of
// standard input.
func (a *app) readPassword(ctx context.Context) (string, error) {
	lines := bufio.NewScanner(io.LimitReader(a.in, 4096))
	if !lines.Scan() {
		return "", errors.New("no password on standard input")
	}
	return agentdesk.HashPassword(ctx, lines.Text())
}

// withRouter runs do on the configured database, beside a server that may be
// running.
func (a *app) withRouter(ctx context.Context, do func(*router.Router) error) error {
	c, err := a.load()
	if err != nil {
		return err
	}
	if _, err := os.Stat(c.Database.Path); c.Database.Driver == config.SQLite && err != nil && config.Find(a.configPath, a.env) == "" {
		return fmt.Errorf("there is no database %s here: name the configuration with --config, or run this where relevo serve runs", c.Database.Path)
	}
	log := newLogger(c.Log, a.problems)
	db, err := openDatabase(ctx, c.Database, log)
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := migrate(ctx, db); err != nil {
		return err
	}
	clock, err := store.NewClock(ctx, db)
	if err != nil {
		return err
	}
	queue, err := jobs.New(jobs.Options{DB: db, Now: clock.Now, Logger: log})
	if err != nil {
		return err
	}
	r := router.New(router.Options{DB: db, Now: clock.Now, Logger: log, Jobs: queue})
	// Before the first serve there are no inboxes to be a member of. Later, what
	// the server runs on is its own to change.
	if known, err := r.Inboxes(ctx); err != nil {
		return err
	} else if len(known) == 0 {
		if err := r.Wire(ctx, wiring(c)); err != nil {
			return err
		}
	}
	return do(r)
}

// sentence says a fault as a person would be told it.
func sentence(err error) error {
	var f *fault.Fault
	if !errors.As(err, &f) {
		return err
	}
	said := texts.Say("en", "fault."+f.Code, f.Params)
	if detail, _ := f.Params["detail"].(string); detail != "" && len(f.Fields) > 0 {
		said = f.Fields[0] + " " + texts.Say("en", "fault.detail."+detail, f.Params)
	}
	return errors.New(cmp.Or(said, f.Code))
}
