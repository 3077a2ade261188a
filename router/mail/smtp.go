package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// Sender hands letters over. Send calls committed at the last moment at which
// the letter has surely not been handed over, and does not go on if that
// fails. Its errors: ErrRefused, ErrUnknown; any other may be over when it is
// tried again.
type Sender interface {
	Send(ctx context.Context, l Letter, committed func() error) error
}

var (
	// ErrRefused says that the server will never take this letter.
	ErrRefused = errors.New("the mail server refuses it")
	// ErrUnknown says that the server was given the letter and did not answer:
	// it may have been sent, or not.
	ErrUnknown = errors.New("the mail server did not answer whether it took it")
)

// How a connection to a mail server is encrypted.
const (
	StartTLS = "starttls" // from the start on but for the first words; never without
	TLS      = "tls"      // from the first byte
	Plain    = "none"
)

// Server is how to reach a mail server.
type Server struct {
	Host               string
	Port               int
	TLS                string         // StartTLS, TLS or Plain
	Username, Password string         // none: without signing in
	Timeout            time.Duration  // of handing over one letter
	Roots              *x509.CertPool // who is believed to be the server; nil: whom the machine believes
}

// SMTP hands letters to a mail server, each over a connection of its own.
type SMTP struct{ server Server }

// NewSMTP returns an SMTP. Nothing is connected before Send.
func NewSMTP(s Server) *SMTP { return &SMTP{s} }

// Send implements Sender.
func (s *SMTP) Send(ctx context.Context, l Letter, committed func() error) error {
	content, err := l.Bytes()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.server.Timeout)
	defer cancel()
	var line call
	client, err := s.connect(ctx, &line)
	defer line.close()
	if err != nil {
		return fmt.Errorf("reach the mail server: %w", err)
	}
	if err := client.Mail("<" + onWire(l.From.Address) + ">"); err != nil {
		return answered(err, "sender")
	}
	if err := client.Rcpt("<" + onWire(l.To.Address) + ">"); err != nil {
		return answered(err, "reader")
	}
	body, err := client.Data()
	if err != nil {
		return answered(err, "mail")
	}
	// Neither of these ends the mail: a server that is left here forgets it.
	if _, err := body.Write(content); err != nil {
		return fmt.Errorf("hand over the mail: %w", err)
	}
	if !line.free() {
		return ctx.Err()
	}
	if err := committed(); err != nil {
		return err
	}
	if err := line.conn.SetDeadline(time.Now().Add(s.server.Timeout)); err != nil {
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	if err := body.Close(); err != nil { // the line with the dot, and its answer
		if _, isAnswer := errors.AsType[*textproto.Error](err); !isAnswer {
			return fmt.Errorf("%w: %w", ErrUnknown, err)
		}
		return answered(err, "mail")
	}
	_ = client.Quit() // the mail is the server's by now, whatever it says
	return nil
}

// answered says what an answer of the server to a step means.
func answered(err error, what string) error {
	if answer, ok := errors.AsType[*textproto.Error](err); ok && answer.Code >= 500 {
		return fmt.Errorf("%w (%s): %w", ErrRefused, what, err)
	}
	return fmt.Errorf("mail server, %s: %w", what, err)
}

// call is a connection to the server. It breaks off when its context ends, so
// that a process that must stop stops.
type call struct {
	conn net.Conn
	free func() bool // from then on it does not; false if it has broken off
}

func (c *call) take(ctx context.Context, conn net.Conn) {
	c.conn = conn
	c.free = context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
}

func (c *call) close() {
	if c.conn != nil {
		c.free()
		_ = c.conn.Close()
	}
}

// connect greets the server, encrypts and signs in. Who calls closes line,
// whatever comes of it.
func (s *SMTP) connect(ctx context.Context, line *call) (*smtp.Client, error) {
	encryption := &tls.Config{ServerName: s.server.Host, MinVersion: tls.VersionTLS12, RootCAs: s.server.Roots}
	dial := func(dialing context.Context, network, address string) (c net.Conn, err error) {
		plain := &net.Dialer{}
		if s.server.TLS == TLS {
			c, err = (&tls.Dialer{NetDialer: plain, Config: encryption}).DialContext(dialing, network, address)
		} else {
			c, err = plain.DialContext(dialing, network, address)
		}
		if err == nil {
			line.take(ctx, c)
		}
		return c, err
	}
	options := []gomail.Option{gomail.WithPort(s.server.Port), gomail.WithTimeout(s.server.Timeout), gomail.WithTLSConfig(encryption),
		gomail.WithDialContextFunc(dial), gomail.WithoutSMTPUTF8(), gomail.WithTLSPolicy(gomail.TLSMandatory)}
	switch s.server.TLS {
	case TLS:
		options = append(options, gomail.WithSSL())
	case Plain:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if s.server.Username != "" {
		options = append(options, gomail.WithUsername(s.server.Username), gomail.WithPassword(s.server.Password),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin))
	}
	c, err := gomail.NewClient(s.server.Host, options...)
	if err != nil {
		return nil, err
	}
	return c.DialToSMTPClientWithContext(ctx)
}
