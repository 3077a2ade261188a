//go:build unix

package main

import (
	"context"
	"fmt"
	"time"
)

// sample is one round of one measurement.
type sample struct {
	count     int
	perSecond float64
	p50, p99  time.Duration
}

func newSample(took []time.Duration, in time.Duration) sample {
	return sample{len(took), float64(len(took)) / in.Seconds(), percentile(took, 0.5), percentile(took, 0.99)}
}

// inboundResult is what all rounds gave.
type inboundResult struct {
	ratios, raw, relevo []float64
	p50, p99            []float64 // of Relevo's answers, in milliseconds
	rawCPU, relevoCPU   []float64 // of one, server, database and client together, in microseconds
}

// warmUp fills caches and pools before anything counts.
const warmUp = time.Second

// inbound measures messages of customers to people: the ruler and Relevo, in
// turn, so that what else the machine does hits both.
func (b *bench) inbound(ctx context.Context, s *subject, ruler func(context.Context, time.Duration) (sample, error)) (inboundResult, error) {
	var r inboundResult
	customers := &load{address: s.address, places: s.places}
	for round := range b.rounds + 1 {
		d := b.round
		if round == 0 {
			d = warmUp
		}
		start := s.cpu()
		raw, err := ruler(ctx, d)
		if err != nil {
			return r, err
		}
		between := s.cpu()
		stored, err := customers.measure(ctx, d)
		if err != nil {
			return r, err
		}
		end := s.cpu()
		if round > 0 {
			b.say("  inbound, round %d: %s", round, r.add(d, raw, stored, between.since(start), end.since(between)))
		}
	}
	return r, nil
}

// add notes a round and returns what it was like.
func (r *inboundResult) add(d time.Duration, raw, stored sample, rawUsed, used cpu) string {
	ratio := stored.perSecond / raw.perSecond
	transactions := int(raw.perSecond * d.Seconds())
	r.ratios, r.raw, r.relevo = append(r.ratios, ratio), append(r.raw, raw.perSecond), append(r.relevo, stored.perSecond)
	r.p50, r.p99 = append(r.p50, millis(stored.p50)), append(r.p99, millis(stored.p99))
	r.rawCPU = append(r.rawCPU, micros(each(rawUsed.ours(), transactions)))
	r.relevoCPU = append(r.relevoCPU, micros(each(used.ours(), stored.count)))
	return fmt.Sprintf("raw %.0f/s, Relevo %.0f/s (p50 %s, p99 %s), ratio %.2f; CPU each: raw %s (database %s), Relevo %s (serve %s, database %s, client %s); others used %.0f %% and %.0f %% of a processor",
		raw.perSecond, stored.perSecond, ms(stored.p50), ms(stored.p99), ratio,
		each(rawUsed.ours(), transactions), each(rawUsed.database, transactions),
		each(used.ours(), stored.count), each(used.relevo, stored.count), each(used.database, stored.count), each(used.client, stored.count),
		share(rawUsed.others(), d), share(used.others(), d))
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// each is the processor time of one of n.
func each(all time.Duration, n int) time.Duration {
	return (all / time.Duration(max(n, 1))).Round(time.Microsecond)
}
