package router

import (
	"path"
	"strings"
)

// AttachmentJSON is a file of a message as every door and webhook tells it. Its
// address is its secret.
type AttachmentJSON struct {
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

// JSON shows a; base is where browsers reach the server, "" for an address
// without a host.
func (a *Attachment) JSON(base string) AttachmentJSON {
	out := AttachmentJSON{ID: a.ID, MessageID: a.MessageID, FileType: a.FileType, AccountID: theAccount.ID,
		Extension: strings.TrimPrefix(path.Ext(a.FileName), "."), ContentType: a.ContentType, FileName: a.FileName,
		DataURL: base + a.Path(), FileSize: a.FileSize}
	if a.FileType == "image" && a.InPlace() {
		out.ThumbURL = out.DataURL
	}
	return out
}

// AttachmentsJSON shows the files of m, as JSON does one.
func (m *Message) AttachmentsJSON(base string) []AttachmentJSON {
	var out []AttachmentJSON
	for _, a := range m.Attachments {
		out = append(out, a.JSON(base))
	}
	return out
}
