package router

import (
	"fmt"
	"time"

	"gorm.io/gorm"

	"relevo/router/fault"
)

// onceFor is how long a key is remembered.
const onceFor = 24 * time.Hour

// Once names a request that makes something, so that its caller may send it
// again when the answer was lost. The zero value names nothing.
type Once struct {
	Key  string // the caller's own, unique among theirs for a day
	Hash string // of what is sent: the same key with another is a mistake
}

// onceMade returns what the same request has made before, or 0 where it is to
// be made now and told to remember. It comes first in the transaction, so that
// of two at a time the second waits for the first.
func (r *Router) onceMade(tx *gorm.DB, by By, kind string) (made int64, err error) {
	if by.Once.Key == "" {
		return 0, nil
	}
	now := r.now()
	err = tx.Exec("DELETE FROM idempotency_keys WHERE actor_type = ? AND actor_id = ? AND kind = ? AND key = ? AND created_at < ?",
		string(by.Actor.Kind), by.Actor.ID, kind, by.Once.Key, now.Add(-onceFor)).Error
	if err != nil {
		return 0, fmt.Errorf("forget an old key: %w", err)
	}
	added := tx.Exec(`INSERT INTO idempotency_keys (actor_type, actor_id, kind, key, body_hash, created_at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`, string(by.Actor.Kind), by.Actor.ID, kind, by.Once.Key, by.Once.Hash, now)
	if added.Error != nil || added.RowsAffected > 0 {
		return 0, added.Error
	}
	var known struct {
		MadeID   int64
		BodyHash string
	}
	err = tx.Raw("SELECT made_id, body_hash FROM idempotency_keys WHERE actor_type = ? AND actor_id = ? AND kind = ? AND key = ?",
		string(by.Actor.Kind), by.Actor.ID, kind, by.Once.Key).Scan(&known).Error
	if err == nil && known.BodyHash != by.Once.Hash {
		err = fault.KeyConflict
	}
	return known.MadeID, err
}

// remember notes what a request has made.
func (r *Router) remember(tx *gorm.DB, by By, kind string, id int64) error {
	if by.Once.Key == "" {
		return nil
	}
	err := tx.Exec("UPDATE idempotency_keys SET made_id = ? WHERE actor_type = ? AND actor_id = ? AND kind = ? AND key = ?",
		id, string(by.Actor.Kind), by.Actor.ID, kind, by.Once.Key).Error
	if err != nil {
		return fmt.Errorf("remember what was made: %w", err)
	}
	return nil
}
