package webhook

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"code.dny.dev/ssrf"
)

const (
	defaultTimeout = 5 * time.Second
	maxAnswer      = 64 << 10 // bytes of an answer that are read, and of its head
	userAgent      = "Relevo-Webhooks"
)

// Options is what a Sender needs; its zero value reaches public addresses only.
type Options struct {
	AllowPrivate []netip.Prefix   // ranges that are reached although they are not public
	Timeout      time.Duration    // of one delivery, from the look-up of the name to the end of the answer; default 5 s
	Now          func() time.Time // stamps deliveries; default time.Now
	Resolver     *net.Resolver    // default the machine's
}

// Sender delivers to addresses that others have chosen. It is safe for
// concurrent use.
type Sender struct {
	guard    *ssrf.Guardian
	client   *http.Client
	timeout  time.Duration
	now      func() time.Time
	resolver *net.Resolver
}

// New returns a Sender.
func New(o Options) *Sender {
	s := &Sender{guard: guardian(o.AllowPrivate), timeout: cmp.Or(o.Timeout, defaultTimeout), now: o.Now, resolver: o.Resolver}
	if s.now == nil {
		s.now = time.Now
	}
	if s.resolver == nil {
		s.resolver = net.DefaultResolver
	}
	dialer := &net.Dialer{Timeout: s.timeout, Resolver: s.resolver, Control: s.guard.Safe}
	s.client = &http.Client{
		Transport: &http.Transport{
			Proxy:                  nil, // a proxy would be what is dialled, and so what is checked
			DialContext:            dialer.DialContext,
			ForceAttemptHTTP2:      true,
			DisableCompression:     true,
			MaxIdleConnsPerHost:    4,
			MaxConnsPerHost:        64,
			IdleConnTimeout:        30 * time.Second,
			MaxResponseHeaderBytes: maxAnswer,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return s
}

// Delivery is one message to an address.
type Delivery struct {
	ID     string // the same in every try
	URL    string
	Secret string // see NewSecret
	Body   []byte // JSON
}

// ErrRedirect says that the address answered with another one, which is not
// followed: it could lead anywhere.
var ErrRedirect = errors.New("it answered with a redirect, which is not followed")

// Send delivers d once. Nil means that it was taken: answered with a status
// from 200 to 299. Its errors hold neither the address nor the secret nor what
// was answered. ErrPrivate and ErrAddress will not go away by trying again.
func (s *Sender) Send(ctx context.Context, d Delivery) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	if _, err := parse(d.URL); err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.URL, bytes.NewReader(d.Body))
	if err != nil {
		return ErrAddress
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", userAgent)
	if err := sign(req.Header, d, s.now()); err != nil {
		return err
	}
	res, err := s.client.Do(req)
	if err != nil {
		return s.problem(err)
	}
	defer res.Body.Close()
	_, _ = io.CopyN(io.Discard, res.Body, maxAnswer) // so that the connection can be used again; what it says does not matter
	switch {
	case res.StatusCode >= 200 && res.StatusCode <= 299:
		return nil
	case res.StatusCode >= 300 && res.StatusCode <= 399:
		return ErrRedirect
	}
	return fmt.Errorf("it answered %d", res.StatusCode)
}

// problem is what went wrong, without the address.
func (s *Sender) problem(err error) error {
	var at *url.Error
	if errors.As(err, &at) {
		err = at.Err
	}
	var timeout net.Error
	switch {
	case errors.Is(err, ssrf.ErrProhibitedIP):
		return ErrPrivate
	case errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Errorf("no answer within %s", s.timeout)
	}
	return err
}
