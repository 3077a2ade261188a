package agentdesk

import "relevo/router"

// teamJSON is a team.
type teamJSON struct {
	ID              int64  `json:"id"`
	Name            string `json:"name"`
	Description     string `json:"description"`
	AllowAutoAssign bool   `json:"allow_auto_assign"`
	AccountID       int64  `json:"account_id"`
	IsMember        bool   `json:"is_member"`
}

func presentTeam(t *router.Team) *teamJSON {
	return &teamJSON{ID: t.ID, Name: t.Name, Description: t.Description, AccountID: accountID}
}
