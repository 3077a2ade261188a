package agentdesk

import (
	"context"
	"strconv"

	"relevo/router"
	"relevo/router/api"
	"relevo/router/fault"
	"relevo/router/report"
)

// reportNow asks for how conversations stand at this moment.
type reportNow struct {
	accountPath
	Type string `query:"type" enum:"account,agent" json:"type" doc:"account where it is left out"`
	User string `query:"user_id" maxLength:"20" json:"user_id" doc:"of type agent: only this one"`
}

// nowJSON is how the account's conversations stand.
type nowJSON struct {
	Open       int64 `json:"open"`
	Unattended int64 `json:"unattended" doc:"open, and no person has answered the customer's last words"`
	Unassigned int64 `json:"unassigned" doc:"open, and nobody's"`
	Pending    int64 `json:"pending" doc:"with the bot"`
}

// agentNowJSON is how the conversations of an agent stand.
type agentNowJSON struct {
	ID           int64         `json:"id"`
	Name         string        `json:"name"`
	Email        string        `json:"email"`
	Thumbnail    string        `json:"thumbnail"`
	Availability string        `json:"availability"`
	Metric       agentLoadJSON `json:"metric"`
}

type agentLoadJSON struct {
	Open       int64 `json:"open"`
	Unattended int64 `json:"unattended"`
}

func (d *Desk) reportNow(ctx context.Context, in *reportNow) (out api.Either[nowJSON, []agentNowJSON], err error) {
	if in.Type != "agent" {
		n, err := d.router.CountNow(ctx, report.Scope{})
		out.A = &nowJSON{n.Open, n.Unattended, n.Unassigned, n.Pending}
		return out, err
	}
	agents, err := d.agentsNamed(ctx, in.User)
	if err != nil {
		return out, err
	}
	loads, err := d.router.CountNowByAgent(ctx)
	if err != nil {
		return out, err
	}
	list := make([]agentNowJSON, 0, len(agents))
	for _, a := range agents {
		list = append(list, agentNowJSON{ID: a.ID, Name: a.Name, Email: a.Email, Availability: string(a.Presence(d.clock())),
			Metric: agentLoadJSON{loads[a.ID].Open, loads[a.ID].Unattended}})
	}
	out.B = &list
	return out, nil
}

// agentsNamed returns one agent, or all where none is named.
func (d *Desk) agentsNamed(ctx context.Context, id string) ([]*router.Agent, error) {
	if id == "" {
		return d.router.Agents(ctx)
	}
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return nil, fault.Invalid.Field("not_an_integer", "user_id")
	}
	a, err := d.router.Agent(ctx, n)
	if err != nil {
		return nil, err
	}
	return []*router.Agent{a}, nil
}
