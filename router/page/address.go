package page

import (
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// address is one of the web taken apart, without its fragment.
type address struct {
	scheme, host string // in small letters; the host with its port
	path         string // with the query
}

func split(s string) (address, bool) {
	scheme, rest, ok := strings.Cut(s, "://")
	rest, _, _ = strings.Cut(rest, "#")
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	return address{strings.ToLower(scheme), strings.ToLower(rest[:end]), rest[end:]}, ok && end > 0
}

var defaultPorts = map[string]string{"http": "80", "https": "443"}

// normal writes an address as browsers do: the host in ASCII, without the port
// that the scheme implies, the path percent-encoded where it must be and
// nowhere else. It reports whether that can be done.
func (a address) normal() (address, bool) {
	host, port := a.host, ""
	if at := strings.LastIndexByte(host, ':'); at > strings.LastIndexByte(host, ']') {
		host, port = host[:at], host[at+1:]
	}
	if n, err := strconv.ParseUint(port, 10, 16); port != "" && (err != nil || n == 0) {
		return a, false
	}
	wild := ""
	if site, ok := strings.CutPrefix(host, "*."); ok {
		wild, host = "*.", site
	}
	host, ok := asciiHost(host)
	if port != "" && port != defaultPorts[a.scheme] {
		host += ":" + port
	}
	return address{a.scheme, wild + host, encode(a.path)}, ok
}

// asciiHost returns a host's name as it is looked up. What is ASCII already is
// left alone: not all that browsers visit is a name by the book (my_shop.test).
func asciiHost(host string) (string, bool) {
	if isASCII(host) {
		return host, true
	}
	ascii, err := idna.Lookup.ToASCII(host)
	return ascii, err == nil
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > 0x7f }) < 0
}

// encode writes what only can be written percent-encoded in one way, and what
// needs not be plainly (RFC 3986, 6.2.2); a % that is none is %25.
func encode(path string) string {
	var out strings.Builder
	for i := 0; i < len(path); i++ {
		c, written := path[i], false
		if c == '%' && i+2 < len(path) {
			if n, err := strconv.ParseUint(path[i+1:i+3], 16, 8); err == nil {
				c, written = byte(n), true
				i += 2
			}
		}
		switch {
		case written && !unreserved(c), c == '%', !written && (c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>", c) >= 0):
			const digits = "0123456789ABCDEF"
			out.Write([]byte{'%', digits[c>>4], digits[c&15]})
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}

// unreserved reports whether c means the same percent-encoded and plainly.
func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}
