package agentdesk

import (
	"context"

	"relevo/router/api"
)

func (d *Desk) mute(ctx context.Context, in *conversationPath) (api.Empty, error) {
	_, err := d.router.Mute(ctx, by(ctx, api.IfMatch{}), in.Conversation)
	return api.Empty{}, err
}

func (d *Desk) unmute(ctx context.Context, in *conversationPath) (api.Empty, error) {
	_, err := d.router.Unmute(ctx, by(ctx, api.IfMatch{}), in.Conversation)
	return api.Empty{}, err
}

func (d *Desk) markUnread(ctx context.Context, in *conversationPath) (conversationJSON, error) {
	if _, err := d.router.MarkUnread(ctx, by(ctx, api.IfMatch{}), in.Conversation); err != nil {
		return conversationJSON{}, err
	}
	return d.showConversation(ctx, in)
}

func (d *Desk) deleteConversation(ctx context.Context, in *conversationPath) (api.Empty, error) {
	return api.Empty{}, d.router.DeleteConversation(ctx, by(ctx, api.IfMatch{}), in.Conversation)
}
