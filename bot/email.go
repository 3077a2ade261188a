package bot

import (
	"regexp"
	"strings"

	"relevo/bot/flow"
	"relevo/router/address"
)

var (
	addressLike = regexp.MustCompile(`[^\s<>()\[\],;:"¿¡@]+@[^\s<>()\[\],;:"?!@]+`)
	aroundAt    = regexp.MustCompile(`\s*@\s*`)
)

// findEmail returns the first e-mail address in a text, with its domain in
// lower case. Sentences around it, brackets and punctuation do not matter, and
// neither do blanks beside the @ if nothing else is an address.
func findEmail(text string) (string, bool) {
	for _, t := range []string{text, aroundAt.ReplaceAllString(text, "@")} {
		for _, found := range addressLike.FindAllString(t, -1) {
			if clean, ok := cleanEmail(found); ok {
				return clean, true
			}
		}
	}
	return "", false
}

// cleanEmail takes off what a sentence leaves around an address.
func cleanEmail(found string) (string, bool) {
	return address.Parse(strings.TrimLeft(strings.TrimRight(found, ".'*_-`"), ".'*`"))
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
