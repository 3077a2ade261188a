// Package address says what an e-mail address is that mail can be sent to. Only
// a mail that arrives proves one; this refuses what cannot be one, and parts
// before the @ in letters that many mail servers do not take: better where the
// address is typed than once a mail is to go there. Domains may be in any.
package address

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// Limits of RFC 5321, in bytes.
const (
	maxLocal   = 64
	maxAddress = 254
	maxDomain  = 253
)

var (
	localPart = regexp.MustCompile("^[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+)*$")
	topLevel  = regexp.MustCompile(`^(xn--[a-z0-9-]+|[\pL\pM]{2,})$`)
)

// Parse returns s as an address, composed and with its domain in lower case.
// Nothing may stand beside it: no name, no brackets, no blanks.
func Parse(s string) (string, bool) {
	local, domain, _ := strings.Cut(norm.NFC.String(s), "@")
	domain = strings.ToLower(domain)
	whole := local + "@" + domain
	if !localPart.MatchString(local) || len(local) > maxLocal || len(whole) > maxAddress || !isDomain(domain) {
		return "", false
	}
	return whole, true
}

func isDomain(domain string) bool {
	ascii, err := idna.Lookup.ToASCII(domain)
	dot := strings.LastIndexByte(domain, '.')
	return err == nil && !strings.Contains("."+domain+".", "..") && len(ascii) <= maxDomain && utf8.ValidString(domain) && dot > 0 && topLevel.MatchString(domain[dot+1:])
}
