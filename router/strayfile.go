package router

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
)

const (
	// strayFor is how long a file may lie about without a message. Storing a
	// message takes seconds.
	strayFor = 24 * time.Hour
	// sweptAtOnce is how many files one transaction of sweepFiles removes.
	sweptAtOnce = 100
)

// A file and its row cannot be stored in one step. So its key is written down
// first (announceFile), the message takes it off in its own transaction
// (claimFile), and what nobody took off is removed (sweepFiles). Whatever dies
// in between, and whether or not a COMMIT happened whose answer was lost: a
// file that has a row stays, and one that has none goes. Files that were never
// written down are not touched, so that a wrong database, or one of yesterday,
// removes none.

// announceFile writes down that a file will be stored under key.
func (r *Router) announceFile(ctx context.Context, key string) error {
	err := r.db.Tx(ctx, func(tx *gorm.DB) error {
		return tx.Exec("INSERT INTO stray_files (storage_key, created_at) VALUES (?, ?)", key, r.now()).Error
	})
	if err != nil {
		return fmt.Errorf("announce file: %w", err)
	}
	return nil
}

// claimFile makes the file of a the message's that has it.
func (ch *change) claimFile(a *Attachment) error {
	claimed := ch.tx.Exec("DELETE FROM stray_files WHERE storage_key = ?", a.StorageKey)
	switch {
	case claimed.Error != nil:
		return fmt.Errorf("claim file of message %d: %w", a.MessageID, claimed.Error)
	case claimed.RowsAffected == 0:
		return fmt.Errorf("the file of message %d was removed before the message was stored", a.MessageID)
	}
	return nil
}

// abandonFiles makes files stray again whose rows go with this change.
func (ch *change) abandonFiles(gone []*Attachment) error {
	for _, a := range gone {
		err := ch.tx.Exec("INSERT INTO stray_files (storage_key, created_at) VALUES (?, ?)", a.StorageKey, ch.now).Error
		if err != nil {
			return fmt.Errorf("abandon file of message %d: %w", a.MessageID, err)
		}
	}
	return nil
}

// sweepFiles removes the files that have been stray for a day. One that cannot
// be removed is tried again another day later.
func (r *Router) sweepFiles(ctx context.Context) error {
	for r.opts.Files != nil {
		n := 0
		err := r.db.Tx(ctx, func(tx *gorm.DB) error {
			var keys []string
			err := tx.Raw(`DELETE FROM stray_files WHERE storage_key IN (SELECT s.storage_key FROM stray_files s WHERE s.created_at < ? LIMIT ?)
				RETURNING storage_key`, r.now().Add(-strayFor), sweptAtOnce).Scan(&keys).Error
			if err != nil {
				return err
			}
			for _, key := range keys { // before the commit, so that none is forgotten
				if err := r.opts.Files.Delete(ctx, key); err != nil {
					r.log.ErrorContext(ctx, "stray file not removed", "error", err)
					if err := tx.Exec("INSERT INTO stray_files (storage_key, created_at) VALUES (?, ?)", key, r.now()).Error; err != nil {
						return err
					}
				}
			}
			n = len(keys)
			return nil
		})
		if err != nil {
			return fmt.Errorf("sweep files: %w", err)
		}
		if n < sweptAtOnce {
			break
		}
	}
	return nil
}
