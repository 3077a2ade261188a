package router

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"relevo/router/fault"
	"relevo/router/texts"
)

// failsFor is how long a webhook may take nothing before administrators are
// told. One of the account is disabled then; connectors and bots go on being
// tried, since customers depend on them.
const failsFor = 24 * time.Hour

// failsOften is how many tries must have failed by then: a quiet day, or one in
// which no process ran, is no failure.
const failsOften = 5

// webhookFailed notes that p was not taken and why. last means that it is not
// tried again.
func (r *Router) webhookFailed(ctx context.Context, p *parcel, why error, last bool) error {
	if p.Delivery.Event == EventTypingOn || p.Delivery.Event == EventTypingOff {
		return nil // tried once, so that one hiccup would count as long as nothing else happens
	}
	now := r.now()
	err := r.db.Tx(ctx, func(tx *gorm.DB) error {
		return tx.Exec("UPDATE webhooks SET failing_since = coalesce(failing_since, ?), failures = failures + 1, last_error = ? WHERE id = ?", now, why.Error(), p.Delivery.WebhookID).Error
	})
	if err != nil {
		return fmt.Errorf("webhook %d fails: %w", p.Delivery.WebhookID, err)
	}
	if p.FailingSince != nil && p.ToldAt == nil && now.Sub(*p.FailingSince) >= failsFor && p.Failures+1 >= failsOften {
		if err := r.giveUpWebhook(ctx, p); err != nil {
			return err
		}
	}
	switch {
	case !last:
		return nil
	case p.Kind == WebhookOfChannel:
		return r.messageFailed(ctx, p)
	case p.Kind == WebhookOfBot:
		return r.botUnreachable(ctx, p)
	}
	return nil
}

// giveUpWebhook tells administrators that a webhook fails, once, and disables
// one of the account. They are told at the conversation whose event was the
// last that was not taken, else at the newest: a notification stands at one.
func (r *Router) giveUpWebhook(ctx context.Context, p *parcel) error {
	r.log.WarnContext(ctx, "a webhook takes nothing", "webhook", p.Delivery.WebhookID, "kind", string(p.Kind), "since", *p.FailingSince)
	at := p.Delivery.ConversationID
	if at == nil { // of a contact, or the conversation was deleted
		newest := r.db.Read().WithContext(ctx).Raw("SELECT max(id) FROM conversations")
		if err := newest.Scan(&at).Error; err != nil {
			return fmt.Errorf("give up webhook %d: %w", p.Delivery.WebhookID, err)
		}
	}
	err := error(fault.NotFound)
	if at != nil {
		_, err = r.change(ctx, byID(*at), func(ch *change) error {
			first, err := giveUp(ch.tx, p, ch.now)
			if ch.webhookFails = 0; first {
				ch.webhookFails = p.Delivery.WebhookID
			}
			return err
		})
	}
	if errors.Is(err, fault.NotFound) { // nobody has written yet: the list of webhooks shows it
		err = r.db.Tx(ctx, func(tx *gorm.DB) error {
			_, err := giveUp(tx, p, r.now())
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("give up webhook %d: %w", p.Delivery.WebhookID, err)
	}
	return r.refreshInboxes(ctx)
}

// giveUp notes that administrators are told, and reports whether they were not
// before.
func giveUp(tx *gorm.DB, p *parcel, now time.Time) (bool, error) {
	var disabled *time.Time
	if p.Kind == WebhookOfAccount {
		disabled = &now
	}
	res := tx.Exec("UPDATE webhooks SET told_at = ?, disabled_at = ? WHERE id = ? AND told_at IS NULL AND failing_since IS NOT NULL", now, disabled, p.Delivery.WebhookID)
	return res.RowsAffected > 0, res.Error
}

// messageFailed marks a message that its connector did not take, so that the
// agents see that it did not reach the customer.
func (r *Router) messageFailed(ctx context.Context, p *parcel) error {
	if p.Delivery.MessageID == nil || p.Delivery.ConversationID == nil {
		return nil
	}
	_, err := r.change(ctx, byID(*p.Delivery.ConversationID), func(ch *change) error {
		m, err := ch.message(*p.Delivery.MessageID)
		if errors.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil || m.MessageType == Incoming || m.Status != Sent || m.Deleted() {
			return err
		}
		m.Status, m.UpdatedAt = Failed, ch.now
		m.ContentAttributes = m.ContentAttributes.with(Attributes{"external_error": texts.Say(ch.inbox.Settings.Locale, "message.not_taken", nil)})
		err = ch.tx.Exec("UPDATE messages SET status = ?, content_attributes = ?, updated_at = ? WHERE id = ?",
			int(m.Status), m.ContentAttributes, m.UpdatedAt, m.ID).Error
		if err != nil {
			return fmt.Errorf("mark message %d as failed: %w", m.ID, err)
		}
		ch.altered = append(ch.altered, m)
		return nil
	})
	return unlessGone(err)
}

// botUnreachable calls a person to a customer's word that a bot outside could
// not be told of and has not answered since.
func (r *Router) botUnreachable(ctx context.Context, p *parcel) error {
	if p.Delivery.Event != EventMessageCreated || p.Delivery.MessageID == nil || p.Delivery.ConversationID == nil {
		return nil
	}
	_, err := r.change(ctx, byID(*p.Delivery.ConversationID), func(ch *change) error {
		if !ch.outside() || *ch.inbox.AgentBotID != *p.AgentBotID {
			return nil
		}
		m, err := ch.message(*p.Delivery.MessageID)
		if errors.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil || m.MessageType != Incoming || m.Seq <= ch.c.BotSeq {
			return err
		}
		return ch.giveUp(ReasonBotUnavailable)
	})
	return unlessGone(err)
}

// unlessGone is err, but for a conversation that was deleted meanwhile.
func unlessGone(err error) error {
	if errors.Is(err, fault.NotFound) {
		return nil
	}
	return err
}
