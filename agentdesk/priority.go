package agentdesk

import (
	"context"

	"relevo/router/api"
	"relevo/router/fault"
)

// priorityChange sets a priority; "none", "" and null remove it.
type priorityChange struct {
	conversationPath
	Match    api.IfMatch          `header:"If-Match" json:"-"`
	Priority api.Optional[string] `json:"priority" maxLength:"20" doc:"low, medium, high or urgent; none or null removes it"`
}

// setPriority is toggle_priority: it must say which.
func (d *Desk) setPriority(ctx context.Context, in *priorityChange) (api.Empty, error) {
	if !in.Priority.Set {
		return api.Empty{}, fault.Invalid.Field("required", "priority")
	}
	return api.Empty{}, d.prioritise(ctx, in)
}

// updateConversation changes what a conversation's PATCH may change: its
// priority, if that was sent.
func (d *Desk) updateConversation(ctx context.Context, in *priorityChange) (conversationJSON, error) {
	if in.Priority.Set {
		if err := d.prioritise(ctx, in); err != nil {
			return conversationJSON{}, err
		}
	}
	return d.showConversation(ctx, &in.conversationPath)
}

func (d *Desk) prioritise(ctx context.Context, in *priorityChange) error {
	priority := &in.Priority.Value
	if *priority == "" || *priority == "none" {
		priority = nil
	}
	_, err := d.router.SetPriority(ctx, by(ctx, in.Match), in.Conversation, priority)
	return err
}
