package channel

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"relevo/router"
	"relevo/router/api"
	"relevo/router/fault"
)

// attachmentPath is where files are served, to agents and customers alike:
// whoever knows the key may read the file.
const attachmentPath = "/attachments/:key/:name"

func (ch *Channel) serveAttachments(s *api.Server) {
	file := api.Operation{Method: http.MethodGet, Path: attachmentPath, Name: "getAttachment", Summary: "A file of a message",
		Description: "Whoever knows the address may read the file. Ranges are served.",
		Answers: []api.Answer{
			{Status: http.StatusOK, Meaning: "The file, in the type that its bytes have", Type: "*/*"},
			{Status: http.StatusPartialContent, Meaning: "A part of the file", Type: "*/*"},
			{Status: http.StatusNotModified, Meaning: "The file that you have"},
			{Status: http.StatusPreconditionFailed, Meaning: "Another file than you have"},
			{Status: http.StatusRequestedRangeNotSatisfiable, Meaning: "The file has no such part", Type: "text/plain"},
			{Status: http.StatusNotFound, Meaning: "No such file", Type: "text/plain"},
			{Status: http.StatusTooManyRequests, Meaning: "Your address asks too often", Type: "text/plain"},
			{Status: http.StatusInternalServerError, Meaning: "Our fault", Type: "text/plain"},
		}}
	s.Mount(file, http.HandlerFunc(ch.attachment))
	file.Method = http.MethodHead
	s.Mount(file, http.HandlerFunc(ch.attachment))
}

// attachment serves a file so that a browser never runs it: its type is what
// its bytes say, only images, sounds and films are shown in place, and
// whatever is opened all the same has neither scripts nor our cookies.
func (ch *Channel) attachment(w http.ResponseWriter, r *http.Request) {
	if err := ch.ips.Take(api.ClientIP(r.Context())); err != nil {
		http.Error(w, http.StatusText(http.StatusTooManyRequests), http.StatusTooManyRequests)
		return
	}
	key, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/attachments/"), "/")
	a, content, err := ch.router.OpenAttachment(r.Context(), key)
	if err != nil {
		status := http.StatusInternalServerError
		if errors.Is(err, fault.NotFound) {
			status = http.StatusNotFound
		}
		http.Error(w, http.StatusText(status), status)
		return
	}
	defer content.Close()
	h := w.Header()
	h.Set("Content-Type", a.ContentType)
	h.Set("Content-Disposition", disposition(a))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // a widget stands on pages of others
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "private, max-age=3600")
	h.Set("ETag", `"`+a.StorageKey+`"`) // what lies under a key never changes
	http.ServeContent(w, r, "", a.CreatedAt, content)
}

func disposition(a *router.Attachment) string {
	how := "attachment"
	if a.InPlace() {
		how = "inline"
	}
	return mime.FormatMediaType(how, map[string]string{"filename": a.FileName})
}

// uploads are the files of a request, as the router takes them.
func uploads(sent api.Files) []router.Upload {
	var out []router.Upload
	for _, f := range sent {
		out = append(out, router.Upload{Name: f.Filename, Open: func() (io.ReadCloser, error) { return f.Open() }})
	}
	return out
}
