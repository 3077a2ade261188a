package main

import (
	"relevo/config"
	"relevo/router"
	"relevo/router/prechat"
)

// around puts into s what happens in an inbox around the conversation.
func around(s *router.InboxSettings, i *config.Inbox) {
	s.NoTalkToPerson = !i.TalkToPerson
	s.Widget = router.WidgetLooks{Color: i.Widget.Color, WelcomeTitle: i.Widget.WelcomeTitle, WelcomeTagline: i.Widget.WelcomeTagline,
		Position: i.Widget.Position, AllowedDomains: i.Widget.AllowedDomains}
	s.EmailCollect = router.EmailCollect(i.EmailCollect)
	s.PreChat = i.PreChat.Form()
	if s.PreChat.Enabled && len(s.PreChat.Fields) == 0 {
		s.PreChat.Fields = prechat.Usual()
	}
	s.Hours = router.OpeningHours{Enabled: i.Hours.Given(), Hours: i.Hours.Hours(), Message: i.Hours.ClosedMessage}
	s.AutoResolve = router.AutoResolve{OpenAfter: i.AutoResolve.OpenAfter.D(), PendingAfter: i.AutoResolve.PendingAfter.D(),
		Waiting: !i.AutoResolve.IgnoreWaiting, Message: i.AutoResolve.Message, Label: i.AutoResolve.Label}
}
