package router_test

import (
	"errors"
	netmail "net/mail"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"relevo/router"
	"relevo/router/jobs"
	"relevo/router/mail"
	"relevo/router/mail/mailtest"
	"relevo/router/routertest"
	"relevo/router/store"
)

// post is a floor whose mails go to a mail server over SMTP. Nobody is given
// anything by itself.
type post struct {
	*floor
	server *mailtest.Server
	jobs   *jobs.Queue
}

func eachPost(t *testing.T, test func(t *testing.T, p *post)) {
	routertest.Databases(t, func(t *testing.T, db *store.DB) {
		p := &post{server: mailtest.Start(t, mailtest.Options{})}
		settings := router.InboxSettings{NoAutoAssign: true, Mail: router.InboxMail{From: "Tienda Ñ <hola@tienda.example>", ReplyTo: "ventas@tienda.example"}}
		p.floor = furnish(t, db, settings, func(o *router.Options) {
			var err error
			p.jobs, err = jobs.New(jobs.Options{DB: db, Now: o.Now})
			require.NoError(t, err)
			o.Jobs, o.PublicURL = p.jobs, "https://chat.example"
			o.Mail = router.MailOptions{ConversationURL: "https://desk.example/conversations/{id}", From: netmail.Address{Name: "Relevo", Address: "avisos@relevo.example"},
				Sender: mail.NewSMTP(mail.Server{Host: p.server.Host, Port: p.server.Port, TLS: mail.Plain, Timeout: 10 * time.Second})}
		})
		test(t, p)
	})
}

// asks sends a transcript of a new conversation to Lucía, and returns the
// conversation.
func (p *post) asks() int64 {
	id := p.opens()
	require.NoError(p.t, p.SendTranscript(p.t.Context(), p.by["Ana"], id, "lucia@example.com"))
	return id
}

// works does what is to be done now.
func (p *post) works() {
	p.t.Helper()
	require.NoError(p.t, p.jobs.Drain(p.t.Context()))
}

// later makes the time of everything come that waits for its time.
func (p *post) later() {
	p.t.Helper()
	p.sql("UPDATE river_job SET state = 'available', scheduled_at = created_at WHERE state IN ('scheduled', 'retryable')")
	p.works()
}

// rescued is what River does, minutes later, with the job of a process that
// died; the mail was then in some state.
func (p *post) rescued(state string) {
	p.t.Helper()
	p.sql("UPDATE mails SET state = ?", state)
	p.later()
}

func (p *post) state() string {
	p.t.Helper()
	var state string
	require.NoError(p.t, p.db.Read().Raw("SELECT state FROM mails ORDER BY id DESC LIMIT 1").Scan(&state).Error)
	return state
}

func (p *post) failed() []jobs.Failed {
	p.t.Helper()
	failed, err := p.jobs.Failed(p.t.Context(), 0)
	require.NoError(p.t, err)
	return failed
}

// once answers the first time that a step is reached.
func once(at string, answer error) func(step, reader string) error {
	var did sync.Once
	return func(step, _ string) (err error) {
		if step == at {
			did.Do(func() { err = answer })
		}
		return err
	}
}

func (p *post) lastLine(id int64) string {
	lines := p.thread(id)
	return lines[len(lines)-1]
}

func TestAMailIsFromItsInbox(t *testing.T) {
	eachPost(t, func(t *testing.T, p *post) {
		p.asks()
		p.works()
		require.Len(t, p.server.Mails(), 1)
		m := p.server.Mails()[0]
		require.Equal(t, "hola@tienda.example", m.From)
		require.Equal(t, "Tienda Ñ <hola@tienda.example>", m.Decoded("From"))
		require.Equal(t, "<ventas@tienda.example>", m.Header.Get("Reply-To"))
		require.Regexp(t, `^<transcript-1-[0-9a-f]{32}@tienda\.example>$`, m.Header.Get("Message-Id"))
		require.Equal(t, "sent", p.state())
		p.later()
		require.Len(t, p.server.Mails(), 1)
	})
}

// Greylisting: a server that wants to be asked again is.
func TestAMailThatIsPutOffIsSentLater(t *testing.T) {
	for _, step := range []string{mailtest.Sender, mailtest.Reader, mailtest.End} {
		t.Run(step, func(t *testing.T) {
			eachPost(t, func(t *testing.T, p *post) {
				p.server.At(once(step, mailtest.Answer(451, "come back later")))
				p.asks()
				p.works()
				require.Empty(t, p.server.Mails())
				require.Equal(t, "waiting", p.state())
				require.Empty(t, p.failed(), "it is not given up")
				p.later()
				require.Len(t, p.server.Mails(), 1)
				require.Equal(t, "sent", p.state())
			})
		})
	}
}

func TestADeadMailServerLosesNothing(t *testing.T) {
	eachPost(t, func(t *testing.T, p *post) {
		p.server.Stop()
		id := p.asks()
		for range 9 { // the tenth try, 14 hours later, would be the last
			p.later()
			require.Empty(t, p.failed())
		}
		p.server.Resume()
		p.later()
		require.Len(t, p.server.Mails(), 1)

		p.server.Stop()
		require.NoError(t, p.SendTranscript(t.Context(), p.by["Ana"], id, "lucia@example.com"))
		for range 10 {
			p.later()
		}
		failed := p.failed()
		require.Len(t, failed, 1, "given up, and not forgotten")
		require.Equal(t, "transcript", failed[0].Kind)
		require.Equal(t, "system: La transcripción para lucia@example.com no se pudo enviar", p.lastLine(id))
		p.server.Resume()
		require.NoError(t, p.jobs.Retry(t.Context(), failed[0].ID))
		p.works()
		require.Len(t, p.server.Mails(), 2)
		require.Empty(t, p.failed())
		require.Equal(t, "sent", p.state())
		require.Equal(t, "system: La transcripción para lucia@example.com sí se envió, más tarde", p.lastLine(id))
	})
}

func TestAMailThatIsRefusedIsNotTriedAgainByItself(t *testing.T) {
	for _, step := range []string{mailtest.Sender, mailtest.Reader, mailtest.End} {
		t.Run(step, func(t *testing.T) {
			eachPost(t, func(t *testing.T, p *post) {
				p.server.At(once(step, mailtest.Answer(550, "no such user")))
				id := p.asks()
				p.works()
				p.later()
				failed := p.failed()
				require.Len(t, failed, 1)
				require.Equal(t, 1, failed[0].Tries)
				require.Contains(t, failed[0].Error, "no such user")
				require.Equal(t, "failed", p.state())
				require.Equal(t, "system: La transcripción para lucia@example.com no se pudo enviar", p.lastLine(id))
				require.Empty(t, p.server.Mails())
			})
		})
	}
}

// A process that dies before the mail is handed over leaves a mail that is
// sent, one that dies while it is leaves one that may have been: an
// administrator decides.
func TestAMailOfAProcessThatDied(t *testing.T) {
	eachPost(t, func(t *testing.T, p *post) {
		p.asks()
		p.rescued("waiting")
		require.Len(t, p.server.Mails(), 1)

		id := p.asks()
		p.rescued("sending")
		p.later()
		require.Len(t, p.server.Mails(), 1, "nobody sends it again by himself")
		failed := p.failed()
		require.Len(t, failed, 1)
		require.Contains(t, failed[0].Error, "did not answer whether it took it")
		require.Equal(t, "doubtful", p.state())
		require.Equal(t, "system: No se sabe si la transcripción para lucia@example.com se envió: el servidor de correo no contestó", p.lastLine(id))

		require.NoError(t, p.jobs.Retry(t.Context(), failed[0].ID))
		p.works()
		require.Len(t, p.server.Mails(), 2, "an administrator does")
		require.Equal(t, "sent", p.state())

		p.asks()
		p.rescued("sent")
		require.Len(t, p.server.Mails(), 2)
		require.Empty(t, p.failed())
	})
}

// A server that is cut off after it was given the mail may have it.
func TestAMailThatWasNotAnsweredIsNotSentTwice(t *testing.T) {
	for step, arrives := range map[string]int{mailtest.Reader: 1, mailtest.End: 0, mailtest.Taken: 1} {
		t.Run(step, func(t *testing.T) {
			eachPost(t, func(t *testing.T, p *post) {
				p.server.At(once(step, errors.New("cut off")))
				p.asks()
				p.works()
				p.later()
				p.later()
				require.Len(t, p.server.Mails(), arrives)
				if step == mailtest.Reader { // surely not handed over, so it was tried again
					require.Equal(t, "sent", p.state())
					return
				}
				require.Equal(t, "doubtful", p.state())
				require.Len(t, p.failed(), 1)
				require.NoError(t, p.jobs.Retry(t.Context(), p.failed()[0].ID))
				p.works()
				mails := p.server.Mails()
				require.Len(t, mails, arrives+1)
				require.Equal(t, string(mails[0].Raw), string(mails[len(mails)-1].Raw), "who gets it twice can tell by its id")
			})
		})
	}
}

// twin is the job of a transcript, as if it had been stored twice.
type twin struct {
	Mail int64 `json:"mail"`
}

func (twin) Kind() string { return "transcript" }

func TestTwoWhoSendTheSameMailSendItOnce(t *testing.T) {
	eachPost(t, func(t *testing.T, p *post) {
		var both sync.WaitGroup
		both.Add(2)
		p.server.At(func(step, _ string) error {
			if step == mailtest.Reader { // both are that far before one goes on
				both.Done()
				both.Wait()
			}
			return nil
		})
		p.asks()
		require.NoError(t, p.db.Tx(t.Context(), func(tx *gorm.DB) error { return p.jobs.Insert(tx, jobs.Entry{Job: twin{Mail: 1}}) }))
		p.works()
		require.Len(t, p.server.Mails(), 1)
		p.server.At(nil)
		p.later()
		require.Equal(t, 1, len(p.server.Mails()))
		require.Equal(t, "sent", p.state())
	})
}

func TestAMailOfARemovedConversationIsNotSent(t *testing.T) {
	eachPost(t, func(t *testing.T, p *post) {
		id := p.asks()
		require.NoError(t, p.DeleteConversation(t.Context(), p.jefa, id))
		p.works()
		require.Empty(t, p.server.Mails())
		require.Empty(t, p.failed())
	})
}

// What is said after a transcript was asked for is not in it, however late it
// is sent; what was deleted meanwhile is not either.
func TestATranscriptIsOfWhatWasSaidThen(t *testing.T) {
	eachPost(t, func(t *testing.T, p *post) {
		v := p.visitor(p.correo)
		id := p.says(p.correo, v, "primera").ConversationID
		secret := p.says(p.correo, v, "segunda")
		require.NoError(t, p.SendTranscript(t.Context(), p.by["Ana"], id, "lucia@example.com"))
		p.says(p.correo, v, "tercera")
		_, err := p.DeleteMessage(t.Context(), p.by["Ana"], id, secret.ID)
		require.NoError(t, err)
		p.works()
		m := p.server.Mails()[0]
		require.Contains(t, m.Text, "primera")
		require.NotContains(t, m.Text, "segunda")
		require.NotContains(t, m.Text, "tercera")
		require.Contains(t, m.Text, "Este mensaje se borró")
	})
}
