package agentdesk

import (
	"context"

	"relevo/router/api"
)

// labelSet replaces the labels of a conversation; an empty list removes all.
type labelSet struct {
	conversationPath
	Match  api.IfMatch            `header:"If-Match" json:"-"`
	Labels api.Optional[[]string] `json:"labels" required:"true" maxLength:"100"`
}

// labelsJSON is the labels of a conversation.
type labelsJSON struct {
	Payload []string `json:"payload"`
}

func (d *Desk) listLabels(ctx context.Context, in *conversationPath) (labelsJSON, error) {
	labels, err := d.router.Labels(ctx, by(ctx, api.IfMatch{}), in.Conversation)
	return labelsJSON{append([]string{}, labels...)}, err
}

func (d *Desk) setLabels(ctx context.Context, in *labelSet) (labelsJSON, error) {
	labels, err := d.router.SetLabels(ctx, by(ctx, in.Match), in.Conversation, in.Labels.Value)
	return labelsJSON{append([]string{}, labels...)}, err
}
