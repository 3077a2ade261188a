package router

import (
	"context"
	"fmt"
	"slices"

	"relevo/router/fault"
)

// maxParticipants is how many agents can be named at a time.
const maxParticipants = 200

// Participants returns the agents who follow a conversation, those who joined
// first in front.
func (r *Router) Participants(ctx context.Context, by By, id int64) ([]*Agent, error) {
	if _, err := r.seen(ctx, by, id); err != nil {
		return nil, err
	}
	agents := []*Agent{}
	err := r.db.Read().WithContext(ctx).Raw(`SELECT a.* FROM participants p JOIN agents a ON a.id = p.agent_id
		WHERE p.conversation_id = ? AND a.removed_at IS NULL ORDER BY p.created_at, a.id`, id).Scan(&agents).Error
	if err != nil {
		return nil, fmt.Errorf("participants of conversation %d: %w", id, err)
	}
	return agents, nil
}

// AddParticipants makes agents follow a conversation. Only members of its
// inbox and administrators can.
func (r *Router) AddParticipants(ctx context.Context, by By, id int64, agents []int64) error {
	return r.participate(ctx, by, id, agents, func(ch *change) error { return ch.join(agents) })
}

// SetParticipants makes agents, and nobody else, follow a conversation.
func (r *Router) SetParticipants(ctx context.Context, by By, id int64, agents []int64) error {
	return r.participate(ctx, by, id, agents, func(ch *change) error {
		err := ch.tx.Exec("DELETE FROM participants WHERE conversation_id = ? AND agent_id NOT IN ?", id, append([]int64{0}, agents...)).Error
		if err != nil {
			return fmt.Errorf("remove participants: %w", err)
		}
		return ch.join(agents)
	})
}

// RemoveParticipants makes agents follow a conversation no longer. Who does
// not is left out.
func (r *Router) RemoveParticipants(ctx context.Context, by By, id int64, agents []int64) error {
	return r.participate(ctx, by, id, nil, func(ch *change) error {
		err := ch.tx.Exec("DELETE FROM participants WHERE conversation_id = ? AND agent_id IN ?", id, append([]int64{0}, agents...)).Error
		if err != nil {
			return fmt.Errorf("remove participants: %w", err)
		}
		return ch.countFollowers()
	})
}

func (r *Router) participate(ctx context.Context, by By, id int64, agents []int64, do func(*change) error) error {
	if len(agents) > maxParticipants {
		return fault.Invalid.Field(fault.Limit("too_many", maxParticipants), "user_ids")
	}
	_, err := r.change(ctx, byID(id), func(ch *change) error {
		if err := ch.permit(by); err != nil {
			return err
		}
		if len(agents) > 0 {
			known, err := ch.insiders("a.id IN ?", agents)
			if err != nil {
				return err
			}
			if slices.ContainsFunc(agents, func(a int64) bool { return !slices.Contains(known, a) }) {
				return fault.Invalid.Field("not_a_member", "user_ids")
			}
		}
		return do(ch)
	})
	return err
}

// followAssignee makes whoever has got the conversation follow it.
func (ch *change) followAssignee() error {
	if !ch.changedHands() {
		return nil
	}
	if ch.c.AssigneeID == nil {
		return ch.countFollowers()
	}
	return ch.join([]int64{*ch.c.AssigneeID})
}

// join makes agents follow the conversation.
func (ch *change) join(agents []int64) error {
	err := ch.tx.Exec(`INSERT INTO participants (conversation_id, agent_id, created_at) SELECT ?, a.id, ? FROM agents a WHERE a.id IN ?
		ON CONFLICT DO NOTHING`, ch.c.ID, ch.now, append([]int64{0}, agents...)).Error
	if err != nil {
		return fmt.Errorf("add participants: %w", err)
	}
	return ch.countFollowers()
}

// countFollowers keeps on the row how many agents beside the assignee follow,
// so that a message in a conversation without any need not look for them.
func (ch *change) countFollowers() error {
	assignee := int64(0)
	if ch.c.AssigneeID != nil {
		assignee = *ch.c.AssigneeID
	}
	err := ch.tx.Raw("SELECT count(*) FROM participants WHERE conversation_id = ? AND agent_id <> ?", ch.c.ID, assignee).Scan(&ch.c.Followers).Error
	if err != nil {
		return fmt.Errorf("count participants: %w", err)
	}
	return nil
}
