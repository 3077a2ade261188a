package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"time"
)

// Webhooks is how addresses of others are told what happens.
type Webhooks struct {
	AllowPrivate []string `yaml:"allow_private"` // IP addresses and CIDR ranges that are told although they are not public
	Timeout      Duration `yaml:"timeout"`       // of one try
}

// Ranges returns what AllowPrivate allows.
func (w Webhooks) Ranges() []netip.Prefix {
	var ranges []netip.Prefix
	for _, text := range w.AllowPrivate {
		if p, err := parseRange(text); err == nil {
			ranges = append(ranges, p)
		}
	}
	return ranges
}

// parseRange reads a range, or one address.
func parseRange(text string) (netip.Prefix, error) {
	if ip, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(ip.WithZone(""), ip.BitLen()), nil
	}
	return netip.ParsePrefix(text)
}

func (l *loader) validateWebhooks() {
	w := l.config.Webhooks
	l.timeBetween("webhooks.timeout", w.Timeout, 100*time.Millisecond, time.Minute)
	for i, text := range w.AllowPrivate {
		if _, err := parseRange(text); err != nil {
			l.bad(fmt.Sprintf("webhooks.allow_private[%d]", i), `must be an IP address or a range such as "10.1.0.0/16", not %q`, clip(text))
		}
	}
}

// webhookURL checks the address of an inbox's connector.
func (l *loader) webhookURL(at string, in *Inbox) {
	if in.WebhookURL == "" {
		return
	}
	u, err := url.Parse(in.WebhookURL)
	switch {
	case in.Channel != ChannelAPI:
		l.bad(at, "is for inboxes of channel api")
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || len(in.WebhookURL) > maxURL:
		l.bad(at, `must be an address such as "https://connector.example.com/relevo"`)
	}
}

const maxURL = 2048 // bytes
