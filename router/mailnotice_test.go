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
			require.Contains(t, look, "https://chat.example/app/accounts/1/conversations/1")
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
