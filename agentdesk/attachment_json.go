package agentdesk

import "relevo/router"

// listedAttachmentJSON is a file in the list of a conversation's.
type listedAttachmentJSON struct {
	router.AttachmentJSON
	CreatedAt int64  `json:"created_at"`
	Sender    sentBy `json:"sender,omitzero"`
}

type attachmentListJSON struct {
	Meta struct {
		TotalCount int `json:"total_count"`
	} `json:"meta"`
	Payload []listedAttachmentJSON `json:"payload"`
}
