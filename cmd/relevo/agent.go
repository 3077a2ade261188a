package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"relevo/agentdesk"
	"relevo/router"
	"relevo/router/fault"
	"relevo/router/store"
	"relevo/router/texts"
)

func (a *app) agentCommand() *cobra.Command {
	var agent router.Agent
	var role string
	var inboxes []string
	add := &cobra.Command{
		Use:   "add --email EMAIL --name NAME",
		Short: "Add an agent and print the access token, which is shown this once",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			agent.Role = router.Role(role)
			token, err := a.addAgent(cmd.Context(), agent, inboxes)
			if err != nil {
				return sentence(err)
			}
			fmt.Fprintf(a.out, "%s\n", token)
			return nil
		},
	}
	add.Flags().StringVar(&agent.Email, "email", "", "the agent's e-mail address")
	add.Flags().StringVar(&agent.Name, "name", "", "the agent's name, as customers see it")
	add.Flags().StringVar(&role, "role", string(router.RoleAgent), "agent or administrator")
	add.Flags().StringSliceVar(&inboxes, "inbox", nil, "identifier of an inbox that the agent answers (default: every inbox)")
	_ = add.MarkFlagRequired("email")
	_ = add.MarkFlagRequired("name")
	parent := &cobra.Command{Use: "agent", Short: "Manage the people who answer"}
	parent.AddCommand(add)
	return parent
}

// addAgent stores an agent and returns the new token. The server may be
// running: it needs no restart.
func (a *app) addAgent(ctx context.Context, agent router.Agent, inboxes []string) (string, error) {
	c, err := a.load()
	if err != nil {
		return "", err
	}
	log := newLogger(c.Log, a.problems)
	db, err := openDatabase(ctx, c.Database, log)
	if err != nil {
		return "", err
	}
	defer db.Close()
	if _, err := migrate(ctx, db); err != nil {
		return "", err
	}
	clock, err := store.NewClock(ctx, db)
	if err != nil {
		return "", err
	}
	r := router.New(router.Options{DB: db, Now: clock.Now, Logger: log})
	if err := r.Wire(ctx, wiring(c)); err != nil {
		return "", err
	}
	var ids []int64
	for _, identifier := range inboxes {
		i, err := r.InboxByIdentifier(ctx, identifier)
		if err != nil {
			return "", fmt.Errorf("inbox %q: %w", identifier, err)
		}
		ids = append(ids, i.ID)
	}
	token, hash := agentdesk.NewToken()
	if _, err := r.AddAgent(ctx, agent, hash, ids); err != nil {
		return "", err
	}
	return token, nil
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
