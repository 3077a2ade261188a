package bot

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"relevo/bot/flow"
)

// Limits of RFC 5321, in bytes.
const (
	maxLocalPart = 64
	maxAddress   = 254
)

var (
	addressLike = regexp.MustCompile(`[^\s<>()\[\],;:"¿¡@]+@[^\s<>()\[\],;:"?!@]+`)
	aroundAt    = regexp.MustCompile(`\s*@\s*`)
	localPart   = regexp.MustCompile("^[\\pL\\pM\\pN!#$%&'*+/=?^_`{|}~-]+(\\.[\\pL\\pM\\pN!#$%&'*+/=?^_`{|}~-]+)*$")
	topLevel    = regexp.MustCompile(`^(xn--[a-z0-9-]+|[\pL\pM]{2,})$`)
)

// findEmail returns the first e-mail address in a text, with its domain in
// lower case. Sentences around it, brackets and punctuation do not matter, and
// neither do blanks beside the @ if nothing else is an address.
func findEmail(text string) (string, bool) {
	for _, t := range []string{text, aroundAt.ReplaceAllString(text, "@")} {
		for _, found := range addressLike.FindAllString(t, -1) {
			if address, ok := cleanEmail(found); ok {
				return address, true
			}
		}
	}
	return "", false
}

func cleanEmail(found string) (string, bool) {
	found = strings.TrimLeft(strings.TrimRight(norm.NFC.String(found), ".'*_-`"), ".'*`")
	local, domain, _ := strings.Cut(found, "@")
	domain = strings.ToLower(domain)
	address := local + "@" + domain
	if !localPart.MatchString(local) || len(local) > maxLocalPart || len(address) > maxAddress || !isDomain(domain) {
		return "", false
	}
	return address, true
}

func isDomain(domain string) bool {
	ascii, err := idna.Lookup.ToASCII(domain)
	dot := strings.LastIndexByte(domain, '.')
	return err == nil && len(ascii) <= 253 && utf8.ValidString(domain) && dot > 0 && topLevel.MatchString(domain[dot+1:])
}

// Domains that most private addresses have, and some that look like a slip of
// one but are not.
var (
	commonDomains = []string{"gmail.com", "hotmail.com", "outlook.com", "yahoo.com", "icloud.com", "hotmail.es", "outlook.es",
		"yahoo.es", "live.com", "live.com.mx", "yahoo.com.mx", "yahoo.com.ar", "googlemail.com", "protonmail.com"}
	realDomains = map[string]bool{"mail.com": true, "ymail.com": true, "email.com": true, "gmx.com": true, "aol.com": true,
		"me.com": true, "mac.com": true, "msn.com": true, "proton.me": true}
	// Endings that do not exist.
	wrongEndings = map[string]string{"con": "com", "cmo": "com", "ocm": "com", "vom": "com", "xom": "com", "comm": "com", "cim": "com", "coom": "com"}
)

// likelyEmail returns the address that was probably meant if this one looks
// mistyped, else "".
func likelyEmail(address string) string {
	at := strings.LastIndexByte(address, '@') + 1
	domain := address[at:]
	if realDomains[domain] {
		return ""
	}
	meant := domain
	if dot := strings.LastIndexByte(domain, '.'); wrongEndings[domain[dot+1:]] != "" {
		meant = domain[:dot+1] + wrongEndings[domain[dot+1:]]
	}
	if near := flow.Nearest(meant, commonDomains, 1); near != "" {
		meant = near
	}
	if meant == domain {
		return ""
	}
	return address[:at] + meant
}
