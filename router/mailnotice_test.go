package router_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router"
	"relevo/router/mail/mailtest"
)

// mailed lists who was mailed after so many mails, and of what.
func (p *post) mailed(since int) (readers, subjects []string) {
	p.t.Helper()
	for _, m := range p.server.Mails()[since:] {
		readers, subjects = append(readers, m.To), append(subjects, m.Decoded("Subject"))
	}
	return readers, subjects
}

func (p *post) wants(name string, by ...router.NotificationKind) {
	p.t.Helper()
	if by == nil {
		by = kinds{}
	}
	require.NoError(p.t, p.SetNotificationSettings(p.t.Context(), p.id(name), router.NotificationSettings{Email: by}))
}

func TestAgentsAreToldByMailOfWhatTheyWant(t *testing.T) {
	eachPost(t, func(t *testing.T, p *post) {
		p.wants("Beto", router.NotifyMention, router.NotifyAssignedMessage)
		p.wants("Carla")
		id := p.opens()
		p.assign("Jefa", id, "Ana")
		p.works()
		require.Empty(t, p.server.Mails(), "there is a moment to see it on the screen")
		p.later()
		require.Len(t, p.server.Mails(), 1)
		m := p.server.Mails()[0]
		require.Equal(t, []string{"ana@example.com", "avisos@relevo.example"}, []string{m.To, m.From})
		require.Equal(t, "Te asignaron la conversación #1 de Correo", m.Decoded("Subject"))
		require.Equal(t, []string{"es", "auto-generated", "<notifications.relevo.example>"},
			[]string{m.Header.Get("Content-Language"), m.Header.Get("Auto-Submitted"), m.Header.Get("List-Id")})
		for _, look := range []string{m.Text, m.HTML} {
			require.Contains(t, look, "Hola, Ana:")
			require.Contains(t, look, "https://desk.example/conversations/1")
		}

		p.note("Ana", id, "¿Lo ves, "+p.user("Beto")+"? Es **urgente**")
		p.assign("Jefa", id, "Carla")
		p.later()
		readers, subjects := p.mailed(1)
		require.Equal(t, []string{"beto@example.com"}, readers, "Carla wants no mails")
		require.Equal(t, []string{"Te mencionaron en la conversación #1 de Correo"}, subjects)
		require.Contains(t, p.server.Mails()[1].HTML, "<strong>urgente</strong>")
		require.Contains(t, p.server.Mails()[1].Text, "Ana:")
	})
}

func TestWhatWasReadIsNotMailed(t *testing.T) {
	for name, reads := range map[string]func(p *post, id int64){
		"the notification": func(p *post, _ int64) { p.heard() },
		"the conversation": func(p *post, id int64) {
			_, err := p.AgentSaw(p.t.Context(), p.by["Ana"], id)
			require.NoError(p.t, err)
		},
		"nothing, but wants no more mails": func(p *post, _ int64) { p.wants("Ana") },
		"nothing, but snoozed it": func(p *post, _ int64) {
			list, _, err := p.Notifications(p.t.Context(), p.by["Ana"], router.NotificationFilter{})
			require.NoError(p.t, err)
			require.NoError(p.t, p.SnoozeNotification(p.t.Context(), p.by["Ana"], list[0].ID, p.clock.Now().Add(time.Hour)))
		},
		"nothing, but has left": func(p *post, _ int64) { p.sql("DELETE FROM inbox_members WHERE agent_id = ?", p.id("Ana")) },
	} {
		t.Run(name, func(t *testing.T) {
			eachPost(t, func(t *testing.T, p *post) {
				id := p.opens()
				p.assign("Jefa", id, "Ana")
				p.clock.Advance(time.Minute)
				reads(p, id)
				p.later()
				require.Empty(t, p.server.Mails())
				require.Equal(t, "skipped", p.state())
				require.Empty(t, p.failed())
			})
		})
	}
}

// A customer who writes ten times makes one mail, of the last word; and as
// long as nobody looks, one in an hour.
func TestNobodyIsMailedTooOften(t *testing.T) {
	eachPost(t, func(t *testing.T, p *post) {
		p.wants("Ana", router.NotifyAssignedMessage)
		v := p.visitor(p.correo)
		id := p.says(p.correo, v, "Hola").ConversationID
		p.assign("Jefa", id, "Ana")
		p.heard()
		for _, word := range []string{"uno", "dos", "tres"} {
			p.says(p.correo, v, word)
		}
		p.later()
		require.Len(t, p.server.Mails(), 1)
		require.Contains(t, p.server.Mails()[0].Text, "tres")
		p.says(p.correo, v, "cuatro")
		p.later()
		require.Len(t, p.server.Mails(), 1)
		p.clock.Advance(time.Hour)
		p.says(p.correo, v, "cinco")
		p.later()
		require.Len(t, p.server.Mails(), 2)
		p.heard()
		p.says(p.correo, v, "seis")
		p.later()
		require.Len(t, p.server.Mails(), 3, "who has looked is told anew")
	})
}

// A notification that could not be mailed is tried again, and leaves no line
// in the conversation.
func TestANotificationThatCannotBeMailed(t *testing.T) {
	eachPost(t, func(t *testing.T, p *post) {
		p.server.At(once(mailtest.Reader, mailtest.Answer(550, "no such user")))
		id := p.opens()
		p.assign("Jefa", id, "Ana")
		before := p.thread(id)
		p.later()
		require.Len(t, p.failed(), 1)
		require.Equal(t, "notification", p.failed()[0].Kind)
		require.NotContains(t, string(p.failed()[0].Args), "@")
		require.Equal(t, before, p.thread(id))
	})
}

// A mail goes out two minutes later: what is no longer so by then, or was dealt
// with, is not told any more.
func TestWhatIsNoLongerSoIsNotMailed(t *testing.T) {
	creation, message := []router.NotificationKind{router.NotifyCreation}, []router.NotificationKind{router.NotifyAssignedMessage}
	type story struct {
		wants []router.NotificationKind
		then  func(p *post, visitor string, id int64)
		told  []string
	}
	reply := func(p *post, name string, id int64) { p.reply(name, id, "Ya te ayudo") }
	theirs := func(p *post, visitor string, id int64) {
		p.assign("Jefa", id, "Ana")
		p.heard()
		p.says(p.correo, visitor, "¿Hola?")
	}
	stories := map[string]story{
		"nobody has it": {creation, func(*post, string, int64) {}, []string{"ana@example.com", "beto@example.com"}},
		"the customer is done": {creation, func(p *post, v string, id int64) {

			_, err := p.ResolveByCustomer(p.t.Context(), p.correo, v, id)
			require.NoError(p.t, err)

		}, nil},
		"somebody has answered": {creation, func(p *post, _ string, id int64) { reply(p, "Beto", id) }, nil},
		"somebody has it":       {creation, func(p *post, _ string, id int64) { p.assign("Jefa", id, "Beto") }, nil},
		"somebody looked at it": {creation, func(p *post, _ string, id int64) {
			_, err := p.AgentSaw(p.t.Context(), p.by["Beto"], id)
			require.NoError(p.t, err)
		}, []string{"ana@example.com"}},
		"a message waits":       {message, theirs, []string{"ana@example.com"}},
		"they have answered":    {message, func(p *post, v string, id int64) { theirs(p, v, id); reply(p, "Ana", id) }, nil},
		"they have left a note": {message, func(p *post, v string, id int64) { theirs(p, v, id); p.note("Ana", id, "lo miro") }, nil},
		"another has it":        {message, func(p *post, v string, id int64) { theirs(p, v, id); p.assign("Jefa", id, "Beto") }, nil},
		"it was resolved": {message, func(p *post, v string, id int64) {
			theirs(p, v, id)
			_, err := p.Resolve(p.t.Context(), p.by["Jefa"], id)
			require.NoError(p.t, err)
		}, nil},
		"the message was deleted": {message, func(p *post, v string, id int64) {
			theirs(p, v, id)
			thread, err := p.Messages(p.t.Context(), p.by["Ana"], id, router.MessagePage{})
			require.NoError(p.t, err)
			last := thread[len(thread)-1]
			_, err = p.DeleteMessage(p.t.Context(), p.by["Jefa"], id, last.ID)
			require.NoError(p.t, err)
		}, nil},
	}
	eachPost(t, func(t *testing.T, p *post) {
		p.wants("Jefa")
		p.wants("Carla")
		for name, s := range stories {
			before := len(p.server.Mails())
			p.wants("Ana", s.wants...)
			p.wants("Beto", s.wants...)
			v := p.visitor(p.correo)
			id := p.says(p.correo, v, "Hola").ConversationID
			p.clock.Advance(time.Second)
			s.then(p, v, id)
			p.clock.Advance(2 * time.Minute)
			p.later()
			readers, _ := p.mailed(before)
			require.ElementsMatch(t, s.told, readers, name)
			require.Empty(t, p.failed(), name)
		}
	})
}

// Who looks and is written to again is told again.
func TestWhoHasLookedIsMailedOfWhatComesAfter(t *testing.T) {
	eachPost(t, func(t *testing.T, p *post) {
		p.wants("Ana", router.NotifyAssignedMessage)
		v := p.visitor(p.correo)
		id := p.says(p.correo, v, "Hola").ConversationID
		p.assign("Jefa", id, "Ana")
		p.says(p.correo, v, "uno")
		_, err := p.AgentSaw(t.Context(), p.by["Ana"], id)
		require.NoError(t, err)
		p.clock.Advance(time.Minute)
		p.says(p.correo, v, "dos")
		p.later()
		require.Len(t, p.server.Mails(), 1)
		require.Contains(t, p.server.Mails()[0].Text, "dos")
	})
}

// Visitors whom nobody knows open as many conversations as they like: an agent
// is sent so many mails of it within an hour. What else happens is told still.
func TestAFloodOfConversationsIsNoFloodOfMails(t *testing.T) {
	eachPost(t, func(t *testing.T, p *post) {
		p.wants("Ana", router.NotifyCreation, router.NotifyMention)
		p.wants("Beto")
		var last int64
		for range 23 {
			last = p.opens()
		}
		p.later()
		require.Len(t, p.server.Mails(), 20)
		p.note("Beto", last, "¿Lo ves, "+p.user("Ana")+"?")
		p.later()
		require.Len(t, p.server.Mails(), 21)
		p.clock.Advance(time.Hour)
		p.opens()
		p.later()
		require.Len(t, p.server.Mails(), 22)
	})
}
