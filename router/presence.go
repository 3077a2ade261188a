package router

import (
	"context"
	"fmt"
	"sync"
	"time"

	"gorm.io/gorm"
)

const (
	// beatEvery is how often a process writes an agent's sign of life, however
	// many there are.
	beatEvery = 20 * time.Second
	// maxPresent bounds how many agents one list of presences has.
	maxPresent = 10_000
)

// heartbeats is when this process last wrote each agent's sign of life.
type heartbeats struct {
	mu   sync.Mutex
	last map[int64]time.Time
}

// due reports whether a sign of life is to be written now, and notes it as
// written.
func (h *heartbeats) due(agentID int64, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if last, ok := h.last[agentID]; ok && now.Sub(last) < beatEvery && !now.Before(last) {
		return false
	}
	if h.last == nil || len(h.last) >= maxPresent {
		h.last = map[int64]time.Time{} // all are written once more, no harm done
	}
	h.last[agentID] = now
	return true
}

func (h *heartbeats) forget(agentID int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.last, agentID)
}

// Heartbeat notes a sign of life of an agent: they are there for PresentFor.
// It costs the database at most one write in 20 seconds. An agent who comes
// back is told to whoever listens, and is given what waits for one. A write that
// fails is logged: the next request makes the next one.
func (r *Router) Heartbeat(ctx context.Context, agentID int64) {
	now := r.now()
	if !r.beats.due(agentID, now) {
		return
	}
	var before, after string
	err := r.db.Tx(ctx, func(tx *gorm.DB) error {
		var a Agent
		if err := tx.Raw("SELECT * FROM agents WHERE id = ?", agentID).Scan(&a).Error; err != nil {
			return err
		}
		before = a.Presence(now)
		a.SeenAt = &now
		after = a.Presence(now)
		return tx.Exec("UPDATE agents SET seen_at = ? WHERE id = ? AND (seen_at IS NULL OR seen_at < ?)", now, agentID, now).Error
	})
	if err != nil {
		r.beats.forget(agentID)
		r.log.WarnContext(ctx, "heartbeat not written", "agent", agentID, "error", err)
		return
	}
	if before != after {
		r.opts.Live(Happened{Present: []int64{agentID}})
		if after == Online {
			r.tryWaiting()
		}
	}
}

// Presences returns how each agent is seen now, by id; those who are offline
// are left out.
func (r *Router) Presences(ctx context.Context) (map[int64]string, error) {
	var agents []Agent
	err := r.db.Read().WithContext(ctx).Raw("SELECT * FROM agents WHERE removed_at IS NULL ORDER BY id LIMIT ?", maxPresent).Scan(&agents).Error
	if err != nil {
		return nil, fmt.Errorf("presences: %w", err)
	}
	now, out := r.now(), map[int64]string{}
	for i := range agents {
		if p := agents[i].Presence(now); p != Offline {
			out[agents[i].ID] = p
		}
	}
	return out, nil
}
