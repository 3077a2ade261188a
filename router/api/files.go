package api

import (
	"mime/multipart"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// uploadTime is how long a body with files may take to arrive. It begins when
// the guard has let the request pass.
const uploadTime = 10 * time.Minute

// Files is a field for files, sent in a multipart body under its name, once or
// several times, with or without "[]". They can be opened until the operation
// ends. How many there may be, and how large, is for the operation to say;
// Operation.BodyLimit limits all of them together.
type Files []*multipart.FileHeader

func (f *Files) assign(v any, r rules) string {
	if sent, ok := v.([]*multipart.FileHeader); ok {
		*f = sent
		return ""
	}
	if s, ok := scalar(v); ok && s == "" {
		return ""
	}
	if list, ok := v.([]any); ok && len(list) == 0 || v == nil || v == any(absent{}) {
		return requiredIf(r)
	}
	return "not_allowed"
}

// removeFiles removes what a multipart body left in a temporary folder.
func removeFiles(r *http.Request) {
	if r.MultipartForm != nil {
		_ = r.MultipartForm.RemoveAll()
	}
}

// waitForFiles gives a body with files more time than the server gives others.
func waitForFiles(c *gin.Context) {
	_ = http.NewResponseController(c.Writer).SetReadDeadline(time.Now().Add(uploadTime)) // a server in a test may have none
}
