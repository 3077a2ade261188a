package mail_test

import (
	"context"
	"errors"
	"net"
	netmail "net/mail"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router/mail"
	"relevo/router/mail/mailtest"
)

var (
	noon    = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	nothing = func() error { return nil }
)

func letter() mail.Letter {
	return mail.Letter{ID: "transcript-7@tienda.example", Thread: "conversation-3@tienda.example", Date: noon, Language: "es",
		From: netmail.Address{Name: "Tienda Ñandú", Address: "hola@tienda.example"}, To: netmail.Address{Address: "lucia@example.com"},
		Content: mail.Content{Subject: "Transcripción de la conversación", Text: "¡Hola!\n.\nAdiós", HTML: "<p>¡Hola!</p>"}}
}

func sender(s *mailtest.Server, with mail.Server) *mail.SMTP {
	with.Host, with.Port, with.Roots, with.Timeout = s.Host, s.Port, s.Roots, 10*time.Second
	return mail.NewSMTP(with)
}

func TestAMailArrivesAsItWasWritten(t *testing.T) {
	for name, how := range map[string]struct {
		server mailtest.Options
		client mail.Server
	}{
		"unencrypted": {mailtest.Options{}, mail.Server{TLS: mail.Plain}},
		"STARTTLS":    {mailtest.Options{TLS: "starttls"}, mail.Server{TLS: mail.StartTLS}},
		"TLS":         {mailtest.Options{TLS: "tls"}, mail.Server{TLS: mail.TLS}},
		"STARTTLS, signed in": {mailtest.Options{TLS: "starttls", Username: "relevo", Password: "geheim"},
			mail.Server{TLS: mail.StartTLS, Username: "relevo", Password: "geheim"}},
		"TLS, signed in": {mailtest.Options{TLS: "tls", Username: "relevo", Password: "geheim"},
			mail.Server{TLS: mail.TLS, Username: "relevo", Password: "geheim"}},
	} {
		t.Run(name, func(t *testing.T) {
			server := mailtest.Start(t, how.server)
			require.NoError(t, sender(server, how.client).Send(t.Context(), letter(), nothing))
			mails := server.Mails()
			require.Len(t, mails, 1)
			m := mails[0]
			require.Equal(t, []string{"hola@tienda.example", "lucia@example.com", how.client.Username}, []string{m.From, m.To, m.User})
			require.Equal(t, how.server.TLS != "", m.Encrypted)
			require.Equal(t, "Transcripción de la conversación", m.Decoded("Subject"))
			require.Equal(t, `Tienda Ñandú <hola@tienda.example>`, m.Decoded("From"))
			require.Equal(t, "¡Hola!\n.\nAdiós", m.Text)
			require.Equal(t, "<p>¡Hola!</p>", m.HTML)
			for header, want := range map[string]string{"Message-Id": "<transcript-7@tienda.example>", "References": "<conversation-3@tienda.example>",
				"Date": "Mon, 23 Nov 2026 12:00:00 +0000", "Auto-Submitted": "auto-generated", "Content-Language": "es", "To": "<lucia@example.com>"} {
				require.Equal(t, want, m.Header.Get(header), header)
			}
		})
	}
}

// The same letter sent again is the same mail, and can be told by its id.
func TestALetterIsWrittenTheSameEachTime(t *testing.T) {
	first, err := letter().Bytes()
	require.NoError(t, err)
	second, err := letter().Bytes()
	require.NoError(t, err)
	require.Equal(t, string(first), string(second))
}

func TestWhatIsNotEncryptedIsNotSent(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{}) // knows no STARTTLS
	err := sender(server, mail.Server{TLS: mail.StartTLS}).Send(t.Context(), letter(), nothing)
	require.ErrorContains(t, err, "STARTTLS")

	server = mailtest.Start(t, mailtest.Options{TLS: "starttls"})
	stranger := mail.NewSMTP(mail.Server{Host: server.Host, Port: server.Port, TLS: mail.StartTLS, Timeout: 10 * time.Second})
	require.ErrorContains(t, stranger.Send(t.Context(), letter(), nothing), "certificate", "a server that nobody vouches for")
	require.Empty(t, server.Mails())
}

func TestWhatAServerAnswers(t *testing.T) {
	for name, tt := range map[string]struct {
		step    string
		answer  error
		refused bool
		unknown bool
	}{
		"no such reader":           {mailtest.Reader, mailtest.Answer(550, "no such user"), true, false},
		"sender not wanted":        {mailtest.Sender, mailtest.Answer(553, "not yours"), true, false},
		"greylisting":              {mailtest.Reader, mailtest.Answer(451, "come back later"), false, false},
		"spam":                     {mailtest.End, mailtest.Answer(554, "spam"), true, false},
		"full":                     {mailtest.End, mailtest.Answer(452, "no space"), false, false},
		"dies before the mail":     {mailtest.Reader, errors.New("dies"), false, false},
		"dies over the mail":       {mailtest.End, errors.New("dies"), false, true},
		"dies before it says done": {mailtest.Taken, errors.New("dies"), false, true},
	} {
		t.Run(name, func(t *testing.T) {
			server := mailtest.Start(t, mailtest.Options{})
			server.At(func(step, _ string) error {
				if step == tt.step {
					return tt.answer
				}
				return nil
			})
			err := sender(server, mail.Server{TLS: mail.Plain}).Send(t.Context(), letter(), nothing)
			require.Error(t, err)
			require.Equal(t, tt.refused, errors.Is(err, mail.ErrRefused), err)
			require.Equal(t, tt.unknown, errors.Is(err, mail.ErrUnknown), err)
		})
	}
}

func TestAWrongPasswordIsNoFaultOfTheMail(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{TLS: "starttls", Username: "relevo", Password: "geheim"})
	err := sender(server, mail.Server{TLS: mail.StartTLS, Username: "relevo", Password: "falsch"}).Send(t.Context(), letter(), nothing)
	require.ErrorContains(t, err, "535")
	require.NotErrorIs(t, err, mail.ErrRefused, "once the password is right, it can be sent")
	require.NotContains(t, err.Error(), "falsch")
}

func TestADeadServerIsNoServer(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{})
	server.Stop()
	err := sender(server, mail.Server{TLS: mail.Plain}).Send(t.Context(), letter(), nothing)
	require.Error(t, err)
	require.NotErrorIs(t, err, mail.ErrUnknown)
	server.Resume()
	require.NoError(t, sender(server, mail.Server{TLS: mail.Plain}).Send(t.Context(), letter(), nothing))
	require.Len(t, server.Mails(), 1)
}

// A letter is not handed over where the commitment fails, and not where the
// process must stop before it.
func TestNothingIsHandedOverBeforeTheCommitment(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{})
	changed := errors.New("somebody else sends it")
	require.ErrorIs(t, sender(server, mail.Server{TLS: mail.Plain}).Send(t.Context(), letter(), func() error { return changed }), changed)

	ctx, stop := context.WithCancel(t.Context())
	server.At(func(step, _ string) error { stop(); return nil })
	require.Error(t, sender(server, mail.Server{TLS: mail.Plain}).Send(ctx, letter(), func() error { t.Error("committed"); return nil }))
	require.Empty(t, server.Mails())
}

func TestAServerThatHangsIsLeft(t *testing.T) {
	deaf, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer deaf.Close()
	port := deaf.Addr().(*net.TCPAddr).Port
	s := mail.NewSMTP(mail.Server{Host: "127.0.0.1", Port: port, TLS: mail.Plain, Timeout: 50 * time.Millisecond})
	require.Error(t, s.Send(t.Context(), letter(), nothing))

	ctx, stop := context.WithCancel(t.Context())
	stop()
	s = mail.NewSMTP(mail.Server{Host: "127.0.0.1", Port: port, TLS: mail.Plain, Timeout: time.Hour})
	require.Error(t, s.Send(ctx, letter(), nothing))
}

func TestADomainOfOtherLetters(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{})
	l := letter()
	l.To.Address = "lucia@ñandú.example"
	require.NoError(t, sender(server, mail.Server{TLS: mail.Plain}).Send(t.Context(), l, nothing))
	require.Equal(t, "lucia@xn--and-6ma2c.example", server.Mails()[0].To)
}
