//go:build unix

package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// result is what was measured on one database.
type result struct {
	database string
	inbound  inboundResult
	replies  sample
	answered sample
	overhead overheadResult
	sockets  socketResult
	lists    listResult
}

// row is one line of the table.
type row struct {
	name, aim string
	value     func(result) string
}

// rows are the lines of the table, by part.
var rows = map[string][]row{
	"inbound": {
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
	},
	"replies": {
		{"answers of agents/s", "", func(r result) string { return fmt.Sprintf("%.0f", r.replies.perSecond) }},
		{"  / raw transactions", "", func(r result) string { return ofRaw(r, r.replies) }},
		{"  p50 / p99 ms", "", func(r result) string { return both(r.replies) }},
	},
	"bot": {
		{"messages answered by the bot/s", "", func(r result) string { return fmt.Sprintf("%.0f", r.answered.perSecond) }},
		{"  / raw transactions", "", func(r result) string { return ofRaw(r, r.answered) }},
		{"overhead of a bot's turn, p50 ms", "≤ 3", func(r result) string { return fmt.Sprintf("%.1f", millis(r.overhead.own.p50)) }},
		{"overhead of a bot's turn, p99 ms", "≤ 15", func(r result) string { return fmt.Sprintf("%.1f", millis(r.overhead.own.p99)) }},
		{"  with the customer's own request, p50 / p99 ms", "", func(r result) string {
			return fmt.Sprintf("%.1f / %.1f", millis(r.overhead.stored.p50), millis(r.overhead.stored.p99))
		}},
	},
	"sockets": {
		{"a message to 1,000 sockets, the last has it after p50 / p99 ms", "", func(r result) string { return both(r.sockets.lastHeard) }},
		{"  after the answer to its sender", "", func(r result) string { return both(r.sockets.afterReply) }},
		{"memory of an idle socket, KB", "", func(r result) string { return fmt.Sprintf("%.1f", r.sockets.each) }},
	},
	"lists": {
		{"open conversations of 10,000, page 1, p50 / p99 ms", "", func(r result) string { return both(r.lists.open[few]) }},
		{"  of 1,000,000", "", func(r result) string { return both(r.lists.open[many]) }},
		{"  p50 of 1,000,000 / of 10,000", "1", func(r result) string {
			return fmt.Sprintf("%.2f", r.lists.open[many].p50.Seconds()/r.lists.open[few].p50.Seconds())
		}},
		{"  the raw query of 10,000, p50 / p99 ms", "", func(r result) string { return finely(r.lists.raw[few]) }},
		{"  the raw query of 1,000,000", "", func(r result) string { return finely(r.lists.raw[many]) }},
		{"  p99 of 1,000,000 / of the raw query", "", func(r result) string {
			return fmt.Sprintf("%.0f", r.lists.open[many].p99.Seconds()/r.lists.raw[many].p99.Seconds())
		}},
		{"the slowest kind of list of 10,000, p50 / p99 ms", "", func(r result) string { return both(r.lists.slowest[few]) }},
		{"  of 1,000,000", "", func(r result) string { return both(r.lists.slowest[many]) }},
		{"  which is", "", func(r result) string { return r.lists.kind[many] }},
	},
}

func both(s sample) string { return fmt.Sprintf("%.1f / %.1f", millis(s.p50), millis(s.p99)) }

func finely(s sample) string { return fmt.Sprintf("%.2f / %.2f", millis(s.p50), millis(s.p99)) }

// ofRaw is a rate beside that of raw transactions, where they were measured.
func ofRaw(r result, s sample) string {
	if len(r.inbound.raw) == 0 {
		return "not measured"
	}
	return fmt.Sprintf("%.2f", s.perSecond/median(r.inbound.raw))
}

// printTable prints what docs/performance.md quotes.
func printTable(to io.Writer, parts []string, results []result) {
	t := tabwriter.NewWriter(to, 0, 0, 3, ' ', 0)
	fmt.Fprint(t, "\nmeasured\taim")
	for _, r := range results {
		fmt.Fprint(t, "\t", r.database)
	}
	fmt.Fprintln(t)
	for _, part := range allParts {
		if !slices.Contains(parts, part) {
			continue
		}
		for _, row := range rows[part] {
			fmt.Fprint(t, row.name, "\t", row.aim)
			for _, r := range results {
				fmt.Fprint(t, "\t", row.value(r))
			}
			fmt.Fprintln(t)
		}
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
