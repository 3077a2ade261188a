// Package mailtest is a real mail server for tests. It takes mails over SMTP
// and keeps them, and fails where a test wants it to.
package mailtest

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"mime"
	"mime/multipart"
	"net"
	"net/http/httptest"
	netmail "net/mail"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Options is how a server behaves. Its zero value takes everything from
// everybody, without encryption.
type Options struct {
	TLS                string // "": none, "starttls", "tls"
	Username, Password string // none: nobody has to sign in
}

// The steps at which Server.At is asked.
const (
	Sender = "sender" // MAIL FROM
	Reader = "reader" // RCPT TO
	Data   = "data"   // the mail is about to come
	End    = "end"    // the mail is there, and not yet answered
	Taken  = "taken"  // the mail is taken, and not yet answered
)

// Server is a mail server on loopback.
type Server struct {
	Host  string
	Port  int
	Roots *x509.CertPool // that believe its certificate

	t    testing.TB
	opts Options
	tls  *tls.Config

	mu    sync.Mutex
	at    func(step, reader string) error
	mails []Mail
	smtp  *smtp.Server
	door  net.Listener
}

// Mail is a mail that was taken.
type Mail struct {
	From, To  string // of the envelope
	User      string // who had signed in
	Encrypted bool
	Raw       []byte
	Header    netmail.Header
	Text      string
	HTML      string
}

// Decoded returns a header as people read it.
func (m Mail) Decoded(name string) string {
	s, err := (&mime.WordDecoder{}).DecodeHeader(m.Header.Get(name))
	if err != nil {
		return err.Error()
	}
	return s
}

// Start starts a server that runs until the end of the test.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	lender := httptest.NewTLSServer(nil) // for its certificate
	s := &Server{t: t, opts: o, Host: "127.0.0.1", Roots: x509.NewCertPool(), tls: lender.TLS.Clone()}
	s.Roots.AddCert(lender.Certificate())
	s.tls.NextProtos = nil
	lender.Close()
	s.listen("127.0.0.1:0")
	t.Cleanup(s.Stop)
	return s
}

// At names what is asked at every step of every mail; an error of Answer is
// answered, any other ends the connection. nil agrees to everything.
func (s *Server) At(ask func(step, reader string) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = ask
}

// Answer is an error that the server answers with a code.
func Answer(code int, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.NoEnhancedCode, Message: text}
}

// Mails returns what was taken so far, in order.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.mails...)
}

// Stop makes the server unreachable.
func (s *Server) Stop() {
	_ = s.door.Close() // the server may not know it yet
	_ = s.smtp.Close()
}

// Resume makes a stopped server reachable again, at the same address.
func (s *Server) Resume() { s.listen(net.JoinHostPort(s.Host, strconv.Itoa(s.Port))) }

func (s *Server) listen(address string) {
	s.t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		s.t.Fatalf("mail server: %v", err)
	}
	s.Port = listener.Addr().(*net.TCPAddr).Port
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{server: s, conn: c}, nil }))
	server.Domain, server.AllowInsecureAuth = "mail.example", true
	server.ReadTimeout, server.WriteTimeout = time.Minute, time.Minute
	server.MaxMessageBytes = 64 << 20
	server.ErrorLog = log.New(io.Discard, "", 0)
	switch s.opts.TLS {
	case "starttls":
		server.TLSConfig = s.tls
	case "tls":
		listener = tls.NewListener(listener, s.tls)
	}
	s.smtp, s.door = server, listener
	go func() { _ = server.Serve(listener) }()
}

func (s *Server) ask(step, reader string) error {
	s.mu.Lock()
	at := s.at
	s.mu.Unlock()
	if at == nil {
		return nil
	}
	return at(step, reader)
}

// session is one connection.
type session struct {
	server *Server
	conn   *smtp.Conn
	user   string
	mail   Mail
}

var errSignIn = Answer(530, "sign in first")

// AuthMechanisms implements smtp.AuthSession.
func (s *session) AuthMechanisms() []string {
	if s.server.opts.Username == "" {
		return nil
	}
	return []string{sasl.Plain}
}

// Auth implements smtp.AuthSession.
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if username != s.server.opts.Username || password != s.server.opts.Password {
			return Answer(535, "wrong name or password")
		}
		s.user = username
		return nil
	}), nil
}

// Mail implements smtp.Session.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.server.opts.Username != "" && s.user == "" {
		return errSignIn
	}
	s.mail = Mail{From: from, User: s.user}
	_, s.mail.Encrypted = s.conn.TLSConnectionState()
	return s.step(Sender)
}

// Rcpt implements smtp.Session.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mail.To = to
	return s.step(Reader)
}

// Data implements smtp.Session.
func (s *session) Data(r io.Reader) error {
	if err := s.step(Data); err != nil {
		return err
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.step(End); err != nil {
		return err
	}
	s.mail.read(raw)
	s.server.mu.Lock()
	s.server.mails = append(s.server.mails, s.mail)
	s.server.mu.Unlock()
	return s.step(Taken)
}

// step asks the test. What it does not answer is the end of the connection.
func (s *session) step(name string) error {
	err := s.server.ask(name, s.mail.To)
	if err == nil {
		return nil
	}
	if answer, ok := errors.AsType[*smtp.SMTPError](err); ok {
		return answer
	}
	_ = s.conn.Conn().Close()
	return err
}

// Reset implements smtp.Session.
func (s *session) Reset() {}

// Logout implements smtp.Session.
func (s *session) Logout() error { return nil }

// read takes a mail apart. What cannot be read stays empty.
func (m *Mail) read(raw []byte) {
	m.Raw = raw
	parsed, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return
	}
	m.Header = parsed.Header
	kind, params, err := mime.ParseMediaType(parsed.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		return
	}
	parts := multipart.NewReader(parsed.Body, params["boundary"])
	for {
		part, err := parts.NextPart()
		if err != nil {
			return
		}
		body, err := io.ReadAll(part)
		if err != nil {
			return
		}
		switch content := strings.ReplaceAll(string(body), "\r\n", "\n"); {
		case strings.HasPrefix(part.Header.Get("Content-Type"), "text/plain"):
			m.Text = content
		case strings.HasPrefix(part.Header.Get("Content-Type"), "text/html"):
			m.HTML = content
		}
	}
}
