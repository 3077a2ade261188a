package channel

import (
	"context"

	"relevo/router"
	"relevo/router/api"
)

// conversationPath is the path of operations on a visitor's conversation.
type conversationPath struct {
	contactPath
	Conversation int64 `path:"conversation_id" minimum:"1" json:"-"`
}

type typing struct {
	conversationPath
	Status string `json:"typing_status" required:"true" enum:"on,off"`
}

// ending is all that a customer may make of a conversation's status.
type ending struct {
	conversationPath
	Status string `json:"status" enum:"resolved" detail:"not_allowed"`
}

func (ch *Channel) listConversations(ctx context.Context, in *contactPath) ([]conversationJSON, error) {
	views, err := ch.router.VisitorConversations(ctx, inboxOf(ctx), in.Contact)
	if err != nil {
		return nil, err
	}
	last, err := ch.lastPublic(ctx, views)
	if err != nil {
		return nil, err
	}
	out := make([]conversationJSON, 0, len(views))
	waits := false
	for i := range views {
		c := ch.presentConversation(&views[i], last[views[i].Conversation.ID])
		if !waits {
			if err := ch.placed(ctx, &c, &views[i].Conversation); err != nil {
				return nil, err
			}
			waits = c.Position != nil
		}
		out = append(out, c)
	}
	return out, nil
}

// lastPublic shows, by conversation, the last message that its customer may
// see. Threads are asked only where the last word is a note.
func (ch *Channel) lastPublic(ctx context.Context, views []router.View) (map[int64][]messageJSON, error) {
	var said []*router.Message
	var asked []int64
	for _, v := range views {
		switch m := v.LastWord; {
		case m == nil:
		case isPublic(m):
			said = append(said, m)
		default:
			asked = append(asked, v.Conversation.ID)
		}
	}
	found, err := ch.router.LastPublic(ctx, asked)
	if err != nil {
		return nil, err
	}
	for _, m := range found {
		said = append(said, m)
	}
	messages, err := ch.presentMessages(ctx, said)
	if err != nil {
		return nil, err
	}
	last := make(map[int64][]messageJSON, len(messages))
	for _, m := range messages {
		last[m.ConversationID] = []messageJSON{m}
	}
	return last, nil
}

func (ch *Channel) showConversation(ctx context.Context, in *conversationPath) (conversationJSON, error) {
	return ch.show(ctx, in.Contact, in.Conversation)
}

func (ch *Channel) show(ctx context.Context, visitor string, id int64) (conversationJSON, error) {
	v, err := ch.router.VisitorConversation(ctx, inboxOf(ctx), visitor, id)
	if err != nil {
		return conversationJSON{}, err
	}
	return ch.withThread(ctx, visitor, v)
}

func (ch *Channel) withThread(ctx context.Context, visitor string, v *router.View) (conversationJSON, error) {
	thread, err := ch.router.VisitorMessages(ctx, inboxOf(ctx), visitor, v.Conversation.ID, router.MessagePage{})
	if err != nil {
		return conversationJSON{}, err
	}
	messages, err := ch.presentMessages(ctx, thread)
	if err != nil {
		return conversationJSON{}, err
	}
	c := ch.presentConversation(v, messages)
	return c, ch.placed(ctx, &c, &v.Conversation)
}

// resolve is toggle_status of the public API, which only ever resolves.
func (ch *Channel) resolve(ctx context.Context, in *ending) (conversationJSON, error) {
	v, err := ch.router.ResolveByCustomer(ctx, inboxOf(ctx), in.Contact, in.Conversation)
	if err != nil {
		return conversationJSON{}, err
	}
	return ch.withThread(ctx, in.Contact, v)
}

func (ch *Channel) talkToPerson(ctx context.Context, in *conversationPath) (conversationJSON, error) {
	v, err := ch.router.TalkToPerson(ctx, inboxOf(ctx), in.Contact, in.Conversation)
	if err != nil {
		return conversationJSON{}, err
	}
	return ch.withThread(ctx, in.Contact, v)
}

func (ch *Channel) cancelWaiting(ctx context.Context, in *conversationPath) (conversationJSON, error) {
	v, err := ch.router.CancelWaiting(ctx, inboxOf(ctx), in.Contact, in.Conversation)
	if err != nil {
		return conversationJSON{}, err
	}
	return ch.withThread(ctx, in.Contact, v)
}

func (ch *Channel) toggleTyping(ctx context.Context, in *typing) (api.Empty, error) {
	return api.Empty{}, ch.router.CustomerTypes(ctx, inboxOf(ctx), in.Contact, in.Conversation, in.Status == "on")
}

func (ch *Channel) updateLastSeen(ctx context.Context, in *conversationPath) (api.Empty, error) {
	return api.Empty{}, ch.router.CustomerSaw(ctx, inboxOf(ctx), in.Contact, in.Conversation)
}
