package agentdesk

import (
	"context"

	"relevo/router"
	"relevo/router/api"
)

// attributeSet replaces the custom attributes of a conversation as a whole.
type attributeSet struct {
	conversationPath
	Custom api.Optional[router.Attributes] `json:"custom_attributes" required:"true"`
}

// attributesJSON is the custom attributes of a conversation.
type attributesJSON struct {
	Custom router.Attributes `json:"custom_attributes"`
}

func (d *Desk) setCustomAttributes(ctx context.Context, in *attributeSet) (attributesJSON, error) {
	custom, err := d.router.SetCustomAttributes(ctx, by(ctx, api.IfMatch{}), in.Conversation, in.Custom.Value)
	return attributesJSON{custom}, err
}
