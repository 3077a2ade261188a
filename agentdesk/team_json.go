package agentdesk

import (
	"slices"

	"relevo/router"
)

// teamJSON is a team.
type teamJSON struct {
	ID              int64  `json:"id"`
	Name            string `json:"name"`
	Description     string `json:"description"`
	AllowAutoAssign bool   `json:"allow_auto_assign"`
	AccountID       int64  `json:"account_id"`
	IsMember        bool   `json:"is_member"`
}

// presentTeam shows t to a reader who is a member of the given teams.
func presentTeam(t *router.Team, of []int64) *teamJSON {
	return &teamJSON{ID: t.ID, Name: t.Name, Description: t.Description, AllowAutoAssign: t.AllowAutoAssign,
		AccountID: accountID, IsMember: slices.Contains(of, t.ID)}
}
