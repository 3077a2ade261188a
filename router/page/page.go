// Package page says which pages of the web a pattern means. It knows nothing
// of who asks.
package page

import (
	"errors"
	"net/url"
	"strings"
)

const (
	// MaxPattern is how long a pattern may be, in bytes.
	MaxPattern = 2048
	maxStars   = 5
	maxAddress = 8192 // bytes
)

// What can be wrong with a pattern.
var (
	ErrNotAnAddress = errors.New("is no address such as https://shop.example/*")
	ErrEverything   = errors.New("means every page: name the site")
	ErrTooLong      = errors.New("is too long")
	ErrTooManyStars = errors.New("has too many *: five at most")
)

// Check says what is wrong with a pattern, nil if nothing is. A pattern is an
// http or https address in which * stands for anything; in place of a host it
// stands for subdomains of a site that is named ("https://*.shop.example/*").
func Check(pattern string) error {
	_, err := read(pattern)
	return err
}

// Normal returns a pattern as browsers write the addresses that it means:
// "https://ñandú.example:443/café" is "https://xn--and-6ma2c.example/caf%C3%A9".
// What is no pattern is returned as it is.
func Normal(pattern string) string {
	want, err := read(pattern)
	if err != nil {
		return pattern
	}
	return want.scheme + "://" + want.host + want.path
}

// read takes a pattern apart, or says what is wrong with it.
func read(pattern string) (address, error) {
	raw, ok := split(pattern)
	switch {
	case len(pattern) > MaxPattern:
		return raw, ErrTooLong
	case strings.Count(pattern, "*") > maxStars:
		return raw, ErrTooManyStars
	case strings.Trim(pattern, "*:/.?") == "" || ok && strings.Contains(raw.scheme, "*"):
		return raw, ErrEverything
	case !ok || raw.scheme != "http" && raw.scheme != "https" || strings.ContainsAny(raw.path, " \t\r\n\x00"):
		return raw, ErrNotAnAddress
	}
	want, ok := raw.normal()
	if !ok {
		return raw, ErrNotAnAddress
	}
	site, wild := strings.CutPrefix(want.host, "*.")
	if strings.Contains(site, "*") || wild && !strings.Contains(strings.Trim(site, "."), ".") {
		return raw, ErrEverything // "*", "*.com", "shop.*"
	}
	if u, err := url.Parse(want.scheme + "://" + site); err != nil || u.Host == "" || u.User != nil || u.Host != site {
		return raw, ErrNotAnAddress
	}
	return want, nil
}

// Matches reports whether an address is one that the pattern means, however
// either is written: names of sites and what is percent-encoded are the same in
// both. The query and a slash at the end do not count unless the pattern names
// them, fragments never do. It takes at most the product of both lengths.
func Matches(pattern, visited string) bool {
	if len(visited) > maxAddress {
		return false
	}
	want, err := read(pattern)
	if err != nil {
		return false
	}
	raw, ok := split(visited)
	if !ok || raw.scheme != want.scheme {
		return false
	}
	at, ok := raw.normal()
	if !ok || !like(want.host, at.host) {
		return false
	}
	path := at.path
	if !strings.Contains(want.path, "?") {
		path, _, _ = strings.Cut(path, "?")
	}
	return like(want.path, "/"+strings.TrimPrefix(path, "/")) || like(strings.TrimSuffix(want.path, "/"), strings.TrimSuffix(path, "/"))
}

// like reports whether text is as pattern says, where * is any text. It goes
// back to the last * alone, so that no pattern makes it slow.
func like(pattern, text string) bool {
	star, from := -1, 0
	p := 0
	for t := 0; t < len(text); {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, t
			p++
		case p < len(pattern) && pattern[p] == text[t]:
			p++
			t++
		case star >= 0:
			from++
			p, t = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
