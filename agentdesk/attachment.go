package agentdesk

import (
	"context"
	"io"

	"relevo/router"
	"relevo/router/api"
)

type attachmentPage struct {
	conversationPath
	Page int `query:"page" minimum:"1" maximum:"10000" json:"page"`
}

func (d *Desk) listAttachments(ctx context.Context, in *attachmentPage) (attachmentListJSON, error) {
	var out attachmentListJSON
	messages, total, err := d.router.Attachments(ctx, by(ctx, api.IfMatch{}), in.Conversation, in.Page)
	if err != nil {
		return out, err
	}
	who, err := d.sendersOf(ctx, messages)
	if err != nil {
		return out, err
	}
	out.Meta.TotalCount, out.Payload = total, []listedAttachmentJSON{}
	for _, m := range messages {
		sender := presentMessage(m, "", who).Sender
		for _, a := range m.Attachments {
			out.Payload = append(out.Payload, listedAttachmentJSON{a.JSON(d.publicURL), m.CreatedAt.Unix(), sender})
		}
	}
	return out, nil
}

// uploads are the files of a request, as the router takes them.
func uploads(sent api.Files) []router.Upload {
	var out []router.Upload
	for _, f := range sent {
		out = append(out, router.Upload{Name: f.Filename, Open: func() (io.ReadCloser, error) { return f.Open() }})
	}
	return out
}
