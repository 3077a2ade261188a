package config

import (
	"cmp"
	"fmt"
	"net/mail"
	"net/url"
	"strings"
	"time"
)

// Mail is how mails leave: transcripts, and what agents are told.
type Mail struct {
	Driver       string   `yaml:"driver" jsonschema:"enum=off,enum=smtp,enum=mailbox"`
	Host         string   `yaml:"host,omitempty"`
	Port         int      `yaml:"port" jsonschema:"minimum=0,maximum=65535"` // 0: the usual one of TLS
	TLS          string   `yaml:"tls" jsonschema:"enum=starttls,enum=tls,enum=none"`
	Username     string   `yaml:"username,omitempty"`
	PasswordEnv  string   `yaml:"password_env,omitempty"`
	PasswordFile string   `yaml:"password_file,omitempty"`
	From         string   `yaml:"from,omitempty"` // as in a mail: "Name <address>"
	Timeout      Duration `yaml:"timeout"`        // of sending one mail

	ConversationURL string `yaml:"conversation_url,omitempty"` // where agents open a conversation; {id} is its number

	Password Secret `yaml:"-"` // what PasswordEnv or PasswordFile holds
}

// What Mail.Driver may be, and Mail.TLS.
const (
	MailOff     = "off"
	MailSMTP    = "smtp"
	MailMailbox = "mailbox" // caught and shown at /mailbox

	MailStartTLS = "starttls"
	MailTLS      = "tls"
	MailPlain    = "none"
)

// InboxMail is who the mails of an inbox are from.
type InboxMail struct {
	From    string `yaml:"from,omitempty"`
	ReplyTo string `yaml:"reply_to,omitempty"`
}

// ServerPort returns the port to call.
func (m Mail) ServerPort() int {
	usual := map[string]int{MailStartTLS: 587, MailTLS: 465, MailPlain: 25}
	return cmp.Or(m.Port, usual[m.TLS])
}

func (l *loader) mailSecret(used map[string]bool) {
	m := &l.config.Mail
	m.Password.value = l.reveal(reference{"mail.password_env", "mail.password_file", m.PasswordEnv, &m.PasswordFile}, used)
}

func (l *loader) validateMail() {
	m := l.config.Mail
	l.inRange("mail.port", m.Port, 0, 65535)
	l.timeBetween("mail.timeout", m.Timeout, time.Second, time.Minute)
	l.mailAddress("mail.from", m.From)
	if u, err := url.Parse(m.ConversationURL); m.ConversationURL != "" &&
		(err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || !strings.Contains(m.ConversationURL, "{id}")) {
		l.bad("mail.conversation_url", "must be an address with {id} in it, such as %q", "https://desk.example/conversations/{id}")
	}
	switch m.Driver {
	case MailSMTP:
		l.validateSMTP()
	case MailMailbox:
		l.validateMailbox()
	}
	for i, in := range l.config.Inboxes {
		at := fmt.Sprintf("inboxes[%d].mail", i)
		l.mailAddress(at+".from", in.Mail.From)
		l.mailAddress(at+".reply_to", in.Mail.ReplyTo)
	}
}

func (l *loader) validateSMTP() {
	m := l.config.Mail
	if m.Host == "" {
		l.missing("mail", "host")
	} else if strings.ContainsAny(m.Host, " /@\r\n\t") || strings.Count(m.Host, ":") == 1 {
		l.bad("mail.host", "must be the name of a mail server such as %q, without the port", "smtp.example.com")
	}
	if m.From == "" {
		l.missing("mail", "from")
	}
	hasPassword := m.PasswordEnv != "" || m.PasswordFile != ""
	switch local := loopback(m.Host + ":25"); {
	case hasPassword && m.Username == "":
		l.missing("mail", "username")
	case m.Username != "" && !hasPassword:
		l.bad("mail.username", "needs password_env or password_file")
	case m.Username != "" && m.TLS == MailPlain && !local:
		l.bad("mail.tls", "none would send the password unencrypted")
	case m.TLS == MailPlain && !local:
		l.doubt("mail.tls", "customers' words travel unencrypted")
	}
}

// validateMailbox keeps what was caught on this machine: whoever opens the
// page reads the mails.
func (l *loader) validateMailbox() {
	s := l.config.Server
	if !loopback(s.Listen) {
		l.bad("mail.driver", "mailbox shows every mail to whoever asks, so server.listen must be on loopback")
	}
	if u, err := url.Parse(s.PublicURL); s.PublicURL != "" && err == nil && !loopback(u.Hostname()+":80") {
		l.bad("mail.driver", "mailbox is for trying things out on one machine, and server.public_url names another")
	}
}

// mailAddress checks who mails are from; "" is nobody.
func (l *loader) mailAddress(key, address string) {
	if address == "" {
		return
	}
	if parsed, err := mail.ParseAddress(address); err != nil || strings.ContainsAny(address, "\r\n") || !ascii(parsed.Address) {
		l.bad(key, `must be an address such as "Tienda <hola@example.com>", not %q`, clip(address))
	}
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 126 || r < 33 })
}
