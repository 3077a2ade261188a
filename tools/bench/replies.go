//go:build unix

package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// administrator adds one and returns their token.
func (s *subject) administrator(ctx context.Context) (token string, err error) {
	token = rand.Text() + rand.Text()
	sum := sha256.Sum256([]byte(token))
	const at = "2026-01-02 03:04:05+00:00"
	var id int64
	err = s.db.QueryRowContext(ctx, s.bind("INSERT INTO agents (name, email, role, created_at, updated_at) VALUES ('Bench', ?, 'administrator', ?, ?) RETURNING id"),
		"bench-"+token[:8]+"@example.com", at, at).Scan(&id)
	if err != nil {
		return "", err
	}
	_, err = s.db.ExecContext(ctx, s.bind("INSERT INTO access_tokens (hash, agent_id, created_at) VALUES (?, ?, ?)"), hex.EncodeToString(sum[:]), id, at)
	return token, err
}

// replies measures agents' answers: eight of them write, each as soon as their
// last answer is stored, to 10,000 conversations.
func (b *bench) replies(ctx context.Context, s *subject) (sample, error) {
	token, err := s.administrator(ctx)
	if err != nil {
		return sample{}, err
	}
	agents := &load{address: s.address, token: token}
	for _, p := range s.places {
		agents.places = append(agents.places, place{p.id, fmt.Sprintf("%s/%d/messages", conversationsPath, p.id)})
	}
	if _, err := agents.measure(ctx, warmUp); err != nil {
		return sample{}, err
	}
	before, start := s.cpu(), time.Now()
	got, err := agents.measure(ctx, b.round)
	used := s.cpu().since(before)
	b.say("  answers of agents: %.0f/s (p50 %s, p99 %s); CPU each: relevo %s, database %s, client %s; others used %.0f %%",
		got.perSecond, ms(got.p50), ms(got.p99), each(used.relevo, got.count), each(used.database, got.count), each(used.client, got.count),
		share(used.others(), time.Since(start)))
	return got, err
}
