// Package page says which pages of the web a pattern means. It knows nothing
// of who asks.
package page

import (
	"errors"
	"net/url"
	"strings"
)

const (
	maxPattern = 2048 // bytes
	maxStars   = 5
	maxAddress = 8192 // bytes
)

// What can be wrong with a pattern.
var (
	ErrNotAnAddress = errors.New("is no address such as https://shop.example/*")
	ErrEverything   = errors.New("means every page: name the site")
	ErrTooLong      = errors.New("is too long")
)

// Check says what is wrong with a pattern, nil if nothing is. A pattern is an
// http or https address in which * stands for anything; in place of a host it
// stands for subdomains of a site that is named ("https://*.shop.example/*").
func Check(pattern string) error {
	scheme, host, path, ok := split(pattern)
	switch {
	case len(pattern) > maxPattern || strings.Count(pattern, "*") > maxStars:
		return ErrTooLong
	case strings.Trim(pattern, "*:/.?") == "" || ok && strings.Contains(scheme, "*"):
		return ErrEverything
	case !ok || scheme != "http" && scheme != "https" || strings.ContainsAny(path, " \t\r\n\x00"):
		return ErrNotAnAddress
	}
	site, wild := strings.CutPrefix(host, "*.")
	if strings.Contains(site, "*") || wild && !strings.Contains(strings.Trim(site, "."), ".") {
		return ErrEverything // "*", "*.com", "shop.*"
	}
	if u, err := url.Parse(scheme + "://" + site); err != nil || u.Host == "" || u.User != nil || u.Host != site {
		return ErrNotAnAddress
	}
	return nil
}

// Matches reports whether an address is one that the pattern means. The
// query and a slash at the end do not count unless the pattern names them,
// fragments never do. It takes at most the product of both lengths.
func Matches(pattern, address string) bool {
	if len(address) > maxAddress || Check(pattern) != nil {
		return false
	}
	wantScheme, wantHost, wantPath, _ := split(pattern)
	scheme, host, path, ok := split(address)
	if !ok || scheme != wantScheme || !like(wantHost, host) {
		return false
	}
	if !strings.Contains(wantPath, "?") {
		path, _, _ = strings.Cut(path, "?")
	}
	return like(wantPath, "/"+strings.TrimPrefix(path, "/")) || like(strings.TrimSuffix(wantPath, "/"), strings.TrimSuffix(path, "/"))
}

// split takes an address apart; fragments are left out, and the host is in
// small letters.
func split(address string) (scheme, host, path string, ok bool) {
	scheme, rest, ok := strings.Cut(address, "://")
	rest, _, _ = strings.Cut(rest, "#")
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	return strings.ToLower(scheme), strings.ToLower(rest[:end]), rest[end:], ok && end > 0
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
