package main

import (
	"relevo/config"
	"relevo/router"
)

// wiring is what the router stores of a configuration.
func wiring(c *config.Config) router.Wiring {
	var w router.Wiring
	for _, t := range c.Teams {
		w.Teams = append(w.Teams, router.Team{Name: t.Name, Description: t.Description})
	}
	for _, i := range c.Inboxes {
		inbox := router.InboxWiring{Identifier: i.Identifier, Name: i.Name, Channel: i.Channel,
			Settings: router.InboxSettings{Locale: i.Locale, TimeZone: i.Timezone, Greeting: i.Greeting,
				AfterResolved: i.AfterResolved, NoAutoAssign: !i.AutoAssign, AutoAssignLimit: i.MaxAssignments, HMACSecret: i.HMACSecret.Reveal(), WebhookURL: i.WebhookURL,
				Mail:     router.InboxMail{From: i.Mail.From, ReplyTo: i.Mail.ReplyTo},
				Survey:   surveyOf(i.Survey),
				Debounce: router.Debounce{Window: i.Debounce.Window.D(), Maximum: i.Debounce.Maximum.D()}}}
		around(&inbox.Settings, &i)
		if i.Bot != "" {
			f := c.Flow(i.Bot)
			inbox.Flow = &router.FlowText{Name: f.Name, Source: f.Source()}
		}
		inbox.Campaigns = campaignsOf(i.Campaigns)
		w.Inboxes = append(w.Inboxes, inbox)
	}
	for _, f := range c.Flows {
		w.Flows = append(w.Flows, router.FlowText{Name: f.Name, Source: f.Source()})
	}
	return w
}

func surveyOf(s config.Survey) router.SurveySettings {
	return router.SurveySettings{Enabled: s.Enabled, Question: s.Question, Stars: s.Display == config.DisplayStar, Labels: s.Labels,
		WithoutLabels: s.WithoutLabels, OnlyWithPerson: s.OnlyWithPerson, NotOnAutoResolve: s.NotOnAutoResolve}
}

func campaignsOf(declared []config.Campaign) (out []router.Campaign) {
	for _, c := range declared {
		campaign := router.Campaign{Title: c.Title, Message: c.Message, URL: c.URL, AfterSeconds: int(c.After.D().Seconds()),
			HoursOnly: c.HoursOnly, Enabled: c.Enabled}
		if c.Sender != config.SenderBot {
			campaign.SenderEmail = c.Sender
		}
		out = append(out, campaign)
	}
	return out
}
