package webhook

import (
	"context"
	"errors"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"code.dny.dev/ssrf"
)

// lookUpTime is how long Check waits for a name's addresses.
const lookUpTime = 2 * time.Second

var (
	// ErrAddress says that something is no http or https address.
	ErrAddress = errors.New("it is no http or https address")
	// ErrPrivate says that an address leads to this machine or into a private
	// network.
	ErrPrivate = errors.New("it leads into a private network, which webhooks.allow_private does not allow")
)

// guardian refuses what is not public, unless it is in one of the ranges.
func guardian(allowed []netip.Prefix) *ssrf.Guardian {
	var v4, v6 []netip.Prefix
	for _, p := range allowed {
		if p.Addr().Is4() {
			v4 = append(v4, p)
		} else {
			v6 = append(v6, p)
		}
	}
	return ssrf.New(ssrf.WithAnyPort(), ssrf.WithAllowedV4Prefixes(v4...), ssrf.WithAllowedV6Prefixes(v6...))
}

// Check says whether an address may be delivered to as things stand: ErrAddress
// or ErrPrivate if not. A name that cannot be looked up now is let through. It
// is for a clear word at the right time, not for safety: a name can lead
// elsewhere a moment later, so every connection is checked again.
func (s *Sender) Check(ctx context.Context, address string) error {
	u, err := parse(address)
	if err != nil {
		return err
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil {
		return s.public(ip)
	}
	ctx, cancel := context.WithTimeout(ctx, lookUpTime)
	defer cancel()
	found, err := s.resolver.LookupNetIP(ctx, "ip", u.Hostname())
	if err != nil {
		return nil
	}
	for _, ip := range found {
		if s.public(ip) == nil {
			return nil
		}
	}
	return ErrPrivate
}

func (s *Sender) public(ip netip.Addr) error {
	if s.guard.SafeAddr(ip.Unmap().WithZone("")) != nil {
		return ErrPrivate
	}
	return nil
}

func parse(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, ErrAddress
	}
	if _, err := netip.ParseAddr(u.Hostname()); err != nil && endsInNumber(u.Hostname()) {
		return nil, ErrAddress
	}
	if n, err := strconv.ParseUint(u.Port(), 10, 16); u.Port() != "" && (err != nil || n == 0) {
		return nil, ErrAddress
	}
	return u, nil
}

// endsInNumber reports whether a host that is no IP address would be read as
// one by some resolvers, such as 2130706433, 0x7f.1 and 127.1: no name in the
// world ends so.
func endsInNumber(host string) bool {
	host = strings.TrimSuffix(host, ".")
	last := strings.ToLower(host[strings.LastIndexByte(host, '.')+1:])
	if hex, ok := strings.CutPrefix(last, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return last != "" && strings.Trim(last, "0123456789") == ""
}
