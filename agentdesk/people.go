package agentdesk

import "relevo/router/api"

// account is the base path of everything of the account.
const account = "/api/v1/accounts/:account_id"

// peopleRoutes adds the operations on people and settings: agents see them,
// administrators change them.
func (d *Desk) peopleRoutes(s *api.Server) {
	d.routeSessions(s)
	d.routeProfile(s)
	agents, administrators := s.Group(account, api.ForAgents, d.authenticate), s.Group(account, api.ForAdministrators, d.authenticate)
	api.Handle(agents, api.Operation{Method: "GET", Path: "", Summary: "The account"}, d.showAccount)
	d.routeAgents(agents, administrators)
	d.routeInboxes(agents, administrators)
	d.routeInboxMembers(agents, administrators)
	d.routeAgentBots(agents, administrators)
	d.routeTeams(agents, administrators)
	d.routeAccountLabels(agents, administrators)
	d.routeCanned(agents)
	d.routeMacros(agents)
	d.routeCustomFilters(agents)
	d.routeAttributeDefinitions(agents, administrators)
	d.routeJobs(administrators)
	d.routeSurveys(agents, administrators)
	d.routeWebhooks(administrators)
	d.routeCampaigns(administrators)
}
