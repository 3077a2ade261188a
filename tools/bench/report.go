//go:build unix

package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// result is what was measured on one database.
type result struct {
	database string
	inbound  inboundResult
	answered sample
	overhead overheadResult
}

// printTable prints what docs/performance.md quotes.
func printTable(to io.Writer, results []result) {
	rows := []struct {
		name, aim string
		value     func(result) string
	}{
		{"inbound messages over HTTP / raw transactions (median of rounds)", "≥ 0.50", func(r result) string { return fmt.Sprintf("%.2f", median(r.inbound.ratios)) }},
		{"  of which rounds", "", func(r result) string { return listed(r.inbound.ratios) }},
		{"  messages/s / raw transactions/s", "", func(r result) string {
			return fmt.Sprintf("%.0f / %.0f", median(r.inbound.relevo), median(r.inbound.raw))
		}},
		{"  processor time of a raw transaction / of a message", "", func(r result) string {
			return fmt.Sprintf("%.2f", median(r.inbound.rawCPU)/median(r.inbound.relevoCPU))
		}},
		{"  that in µs, clients included", "", func(r result) string {
			return fmt.Sprintf("%.0f / %.0f", median(r.inbound.rawCPU), median(r.inbound.relevoCPU))
		}},
		{"  answer to the customer, p50 / p99 ms", "", func(r result) string {
			return fmt.Sprintf("%.1f / %.1f", median(r.inbound.p50), median(r.inbound.p99))
		}},
		{"messages answered by the bot/s", "", func(r result) string { return fmt.Sprintf("%.0f", r.answered.perSecond) }},
		{"  / raw transactions", "", func(r result) string {
			return fmt.Sprintf("%.2f", r.answered.perSecond/median(r.inbound.raw))
		}},
		{"overhead of a bot's turn, p50 ms", "≤ 3", func(r result) string { return fmt.Sprintf("%.1f", millis(r.overhead.own.p50)) }},
		{"overhead of a bot's turn, p99 ms", "≤ 15", func(r result) string { return fmt.Sprintf("%.1f", millis(r.overhead.own.p99)) }},
		{"  with the customer's own request, p50 / p99 ms", "", func(r result) string {
			return fmt.Sprintf("%.1f / %.1f", millis(r.overhead.stored.p50), millis(r.overhead.stored.p99))
		}},
	}
	t := tabwriter.NewWriter(to, 0, 0, 3, ' ', 0)
	fmt.Fprint(t, "\nmeasured\taim")
	for _, r := range results {
		fmt.Fprint(t, "\t", r.database)
	}
	fmt.Fprintln(t)
	for _, row := range rows {
		fmt.Fprint(t, row.name, "\t", row.aim)
		for _, r := range results {
			fmt.Fprint(t, "\t", row.value(r))
		}
		fmt.Fprintln(t)
	}
	_ = t.Flush() // a closed terminal is the reader's choice
}

func listed(ratios []float64) string {
	words := make([]string, len(ratios))
	for i, r := range ratios {
		words[i] = fmt.Sprintf("%.2f", r)
	}
	return strings.Join(words, " ")
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", millis(d)) }

// share is used time in percent of one processor.
func share(used, of time.Duration) float64 { return 100 * used.Seconds() / of.Seconds() }

func list(ids []int64) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(words, ",")
}
