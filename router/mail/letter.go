package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	netmail "net/mail"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"
	"golang.org/x/net/idna"

	"relevo/router/address"
)

// maxSubject is how many characters a subject may have.
const maxSubject = 200

// Letter is one mail to one reader. Names and subject may hold anything: what
// could be taken for a header is left out.
type Letter struct {
	ID       string // of the mail, the same however often it is sent: "transcript-7@example.com"
	Thread   string // what it belongs to, in the same form; "" for nothing
	List     string // what kind of mails it is one of; "" for none
	From     netmail.Address
	ReplyTo  netmail.Address // its zero value: From
	To       netmail.Address
	Date     time.Time
	Language string // of the words, such as "es"
	Content
}

// Content is what a reader reads.
type Content struct {
	Subject string
	Text    string
	HTML    string // the same as Text
}

// Bytes returns the letter as it travels. Equal letters have equal bytes.
func (l Letter) Bytes() ([]byte, error) {
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithEncoding(gomail.EncodingQP), gomail.WithBoundary(l.boundary()))
	m.FromMailAddress(tidy(l.From))
	m.ToMailAddress(tidy(l.To))
	if l.ReplyTo.Address != "" {
		m.ReplyToMailAddress(tidy(l.ReplyTo))
	}
	m.Subject(oneLine(l.Subject, maxSubject))
	m.SetDateWithValue(l.Date)
	m.SetMessageIDWithValue(l.ID)
	if l.Thread != "" {
		m.SetGenHeader(gomail.HeaderReferences, "<"+l.Thread+">")
	}
	if l.List != "" {
		m.SetGenHeader("List-Id", "<"+l.List+">")
	}
	m.SetGenHeader(gomail.HeaderContentLang, l.Language)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // nobody's absence notice answers it
	m.SetGenHeader(gomail.HeaderXAutoResponseSuppress, "All")
	m.SetBodyString(gomail.TypeTextPlain, l.Text)
	m.AddAlternativeString(gomail.TypeTextHTML, l.HTML)
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("write mail: %w", err)
	}
	return b.Bytes(), nil
}

// boundary separates the parts. Nobody can write a text that holds it: it is
// made of the text.
func (l Letter) boundary() string {
	sum := sha256.Sum256([]byte(l.ID + "\x00" + l.Text + "\x00" + l.HTML))
	return hex.EncodeToString(sum[:20])
}

// tidy makes one line of a name, without the sign that net/mail forgets to
// encode.
func tidy(a netmail.Address) *netmail.Address {
	return &netmail.Address{Name: oneLine(strings.ReplaceAll(a.Name, `\`, ""), maxSubject), Address: onWire(a.Address)}
}

// oneLine leaves out what is no sign to be read, and cuts what is too long.
func oneLine(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > most {
		s = string(runes[:most-1]) + "…"
	}
	return s
}

// ParseSender reads who mails are from: "Name <address>" or an address.
func ParseSender(s string) (netmail.Address, error) {
	a, err := netmail.ParseAddress(s)
	if err != nil {
		return netmail.Address{}, fmt.Errorf("sender %q: %w", s, err)
	}
	return *a, nil
}

// CheckAddress reports whether s is an address that mail can be sent to, as
// address.Parse writes it.
func CheckAddress(s string) bool {
	whole, ok := address.Parse(s)
	return ok && whole == s
}

// onWire returns an address as mail servers know it: a domain in letters of
// other alphabets has another name among them.
func onWire(s string) string {
	local, domain, _ := strings.Cut(s, "@")
	if ascii, err := idna.Lookup.ToASCII(domain); err == nil {
		domain = ascii
	}
	return local + "@" + domain
}

// Domain returns what stands behind the @ of an address.
func Domain(address string) string {
	return address[strings.LastIndexByte(address, '@')+1:]
}

// SameReader names whoever reads an address, for limits: what stands behind a
// plus sign reaches the same person.
func SameReader(address string) string {
	local, domain, _ := strings.Cut(strings.ToLower(address), "@")
	local, _, _ = strings.Cut(local, "+")
	return local + "@" + domain
}
