package agentdesk

import (
	"context"

	"relevo/router/api"
)

type typing struct {
	conversationPath
	Status  string `json:"typing_status" required:"true" enum:"on,off"`
	Private bool   `json:"is_private"`
}

func (d *Desk) toggleTyping(ctx context.Context, in *typing) (api.Empty, error) {
	return api.Empty{}, d.router.AgentTypes(ctx, by(ctx, api.IfMatch{}), in.Conversation, in.Status == "on", in.Private)
}
