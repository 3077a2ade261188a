//go:build unix

package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"

	"relevo/router/api"
	"relevo/web"
)

// weight is what a browser loads of a widget, in bytes compressed by gzip:
// scripts with every page of a business, scripts when the chat is opened, and
// styles. A widget that loads everything at once has nothing in panel.
type weight struct {
	name                  string
	loader, panel, styles int
	note                  string
}

// peers are what others load, measured once (November 2026) from their
// published packages or built from their sources, gzip -9, in the manner of
// ours: what is only loaded on further use is left out.
var peers = []weight{
	{"deep-chat 2.4.2", 111_200, 0, 0, "styles in the script; no agents"},
	{"Papercups (2022)", 119_500, 0, 0, "and a frame with an application"},
	{"Botpress webchat 4.5.2", 180_400, 0, 9_400, ""},
	{"Typebot 0.10.7", 197_500, 0, 0, "styles in the script"},
	{"Libredesk 2.7.0", 215_400, 0, 12_200, "and fonts of a third party"},
	{"Chatwoot 4.16.2", 325_600, 0, 138_800, "in a hidden frame"},
	{"n8n chat 1.37.0", 456_900, 0, 6_200, ""},
	{"Bot Framework WebChat 4.18.1", 484_400, 0, 0, "its smallest build"},
	{"Tiledesk 5.2.3", 684_200, 0, 500, "after 5 s; and scripts of third parties"},
}

var scriptOrStyle = regexp.MustCompile(`(?:src|href)="(/[^"]+\.(?:js|css))"`)

// weigh asks for the widget as a browser does.
func weigh(ctx context.Context) (weight, error) {
	s, err := api.New(api.Options{})
	if err != nil {
		return weight{}, err
	}
	web.Mount(s, func(context.Context, string) []string { return nil })
	h := s.Handler()
	get := func(path string, compressed bool) ([]byte, error) {
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
		if compressed {
			r.Header.Set("Accept-Encoding", "gzip")
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK || (w.Header().Get("Content-Encoding") == "gzip") != compressed {
			return nil, fmt.Errorf("%s: status %d, encoding %q", path, w.Code, w.Header().Get("Content-Encoding"))
		}
		return w.Body.Bytes(), nil
	}
	ours := weight{name: "Relevo"}
	loader, err := get("/widget.js", true)
	if err != nil {
		return weight{}, err
	}
	frame, err := get("/widget/frame?inbox=x", false)
	if err != nil {
		return weight{}, err
	}
	ours.loader = len(loader)
	for _, m := range scriptOrStyle.FindAllStringSubmatch(string(frame), -1) {
		part, err := get(m[1], true)
		if err != nil {
			return weight{}, err
		}
		if strings.HasSuffix(m[1], ".css") {
			ours.styles += len(part)
		} else {
			ours.panel += len(part)
		}
	}
	return ours, nil
}

// weigh prints what the widget in this program weighs, beside its peers.
func (b *bench) weigh(ctx context.Context) error {
	if !web.Built() {
		b.say("\nNOT WEIGHED: the widget is not in this program, make web")
		return nil
	}
	ours, err := weigh(ctx)
	if err != nil {
		return fmt.Errorf("weight of the widget: %w", err)
	}
	printWeights(b.out, ours)
	return nil
}

// printWeights writes the table, the lightest first.
func printWeights(out io.Writer, ours weight) {
	t := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(t, "\nwidget, kB by gzip\twith every page\twhen opened\tstyles\tin all\t/ Relevo\t")
	all := append([]weight{ours}, peers...)
	sum := func(w weight) int { return w.loader + w.panel + w.styles }
	slices.SortStableFunc(all, func(a, b weight) int { return cmp.Compare(sum(a), sum(b)) })
	kB := func(bytes int) string {
		if bytes == 0 {
			return "–"
		}
		return fmt.Sprintf("%.1f", float64(bytes)/1000)
	}
	for _, w := range all {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%.1f\t%s\n", w.name, kB(w.loader), kB(w.panel), kB(w.styles), kB(sum(w)), float64(sum(w))/float64(sum(ours)), w.note)
	}
	t.Flush()
}
