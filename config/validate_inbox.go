package config

import (
	"fmt"
	"time"
	"unicode/utf8"

	"relevo/router/hours"
)

// around checks what happens in an inbox around the conversation.
func (l *loader) around(at string, in *Inbox) {
	l.emailCollect(at+".email_collect", in.EmailCollect)
	l.preChat(at+".pre_chat", in.PreChat)
	l.hours(at+".hours", &in.Hours)
	l.autoResolve(at+".auto_resolve", in.AutoResolve)
}

func (l *loader) emailCollect(at string, e EmailCollect) {
	l.atMost(at+".ask", e.Ask, maxBoxText)
	l.atMost(at+".box", e.Box, maxBoxText)
	l.atMost(at+".thanks", e.Thanks, maxBoxText)
}

func (l *loader) preChat(at string, p PreChat) {
	for _, problem := range p.Form().Check() {
		key := at
		if problem.Field >= 0 {
			key = fmt.Sprintf("%s.fields[%d]", at, problem.Field)
			if problem.Key == "name" && p.Fields[problem.Field].Name == "" {
				l.missing(key, "name")
				continue
			}
		}
		l.bad(key+"."+problem.Key, "%s", problem.Text)
	}
	if len(p.Fields) > 0 && !p.Enabled {
		l.doubt(at+".fields", "count only with enabled: true")
	}
}

func (l *loader) hours(at string, h *Hours) {
	l.atMost(at+".closed_message", h.ClosedMessage, maxClosingText)
	if !h.Given() {
		if h.ClosedMessage != "" || len(h.Holidays) > 0 {
			l.missing(at, "days")
		}
		return
	}
	whole := h.Hours()
	for i, day := range h.Days.week() {
		one := hours.Hours{}
		one.Week[i] = whole.Week[i]
		if one.Check() != nil {
			l.bad(at+".days."+day.key, "must be at most %d spans that do not overlap", hours.MaxSpans)
		}
	}
	if len(h.Holidays) > hours.MaxHolidays {
		l.bad(at+".holidays", "must be at most %d", hours.MaxHolidays)
	}
	if h.ClosedMessage == "" {
		l.doubt(at, "without a closed_message customers are not told that nobody is there")
	}
}

func (l *loader) autoResolve(at string, a AutoResolve) {
	for key, d := range map[string]Duration{".open_after": a.OpenAfter, ".pending_after": a.PendingAfter} {
		if d != 0 {
			l.timeBetween(at+key, d, time.Minute, maxSilence)
		}
	}
	l.atMost(at+".message", a.Message, maxClosingText)
	l.atMost(at+".label", a.Label, maxName)
	if (a.Message != "" || a.Label != "") && a.OpenAfter == 0 && a.PendingAfter == 0 {
		l.doubt(at, "does nothing without open_after or pending_after")
	}
}

// atMost checks how long a text is that people read.
func (l *loader) atMost(key, text string, most int) {
	if n := utf8.RuneCountInString(text); n > most {
		l.bad(key, "must be at most %d characters, not %d", most, n)
	}
}
