package channel

import (
	"path"
	"strings"

	"relevo/router"
)

// attachmentJSON is a file of a message. Its address is its secret.
type attachmentJSON struct {
	ID          int64  `json:"id"`
	MessageID   int64  `json:"message_id"`
	FileType    string `json:"file_type" enum:"image,audio,video,file"`
	AccountID   int64  `json:"account_id"`
	Extension   string `json:"extension" doc:"without the dot"`
	ContentType string `json:"content_type"`
	DataURL     string `json:"data_url" doc:"where the file is; whoever knows it may read the file"`
	ThumbURL    string `json:"thumb_url" doc:"empty where there is nothing to show"`
	FileSize    int64  `json:"file_size" doc:"bytes"`
	Width       *int   `json:"width"`
	Height      *int   `json:"height"`
	FileName    string `json:"file_name"`
}

// presentAttachments shows the files of m; base is where browsers reach the
// server, "" for addresses without a host.
func presentAttachments(m *router.Message, base string) []attachmentJSON {
	var out []attachmentJSON
	for _, a := range m.Attachments {
		shown := attachmentJSON{ID: a.ID, MessageID: a.MessageID, FileType: a.FileType, AccountID: 1,
			Extension: strings.TrimPrefix(path.Ext(a.FileName), "."), ContentType: a.ContentType, FileName: a.FileName,
			DataURL: base + a.Path(), FileSize: a.FileSize}
		if a.FileType == "image" && a.InPlace() {
			shown.ThumbURL = shown.DataURL
		}
		out = append(out, shown)
	}
	return out
}
