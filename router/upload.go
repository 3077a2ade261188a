package router

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"

	"relevo/router/fault"
	"relevo/router/files"
)

const (
	sniffed     = 3072 // bytes that a type is told from
	maxFileName = 200  // bytes
)

// Upload is a file that somebody wants to send.
type Upload struct {
	Name string // as its sender calls it
	Open func() (io.ReadCloser, error)
}

// FileLimits is what one message may carry, sizes in bytes.
type FileLimits struct {
	Files    int   // how many
	EachSize int64 // of one
	AllSize  int64 // of all together
}

// uploadOverhead is what a request may hold beside its files, in bytes.
const uploadOverhead = 1_000_000

// FileLimits returns what one message may carry; nothing where no files are
// taken.
func (r *Router) FileLimits() FileLimits {
	if r.opts.Files == nil {
		return FileLimits{}
	}
	return r.opts.FileLimits
}

// UploadLimit is how many bytes a request with a message and its files may
// have; 0 where no files are taken.
func (r *Router) UploadLimit() int64 {
	if r.opts.Files == nil {
		return 0
	}
	return r.opts.FileLimits.AllSize + uploadOverhead
}

// documents are the types that may be sent beside images, sounds and films.
var documents = []string{
	"application/pdf", "text/plain", "text/csv", "text/tab-separated-values", "text/rtf", "text/vcard", "text/calendar", "application/json",
	"application/zip", "application/gzip", "application/x-tar", "application/x-7z-compressed", "application/x-rar-compressed",
	"application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint", "application/vnd.ms-outlook", "application/x-ole-storage",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	"application/vnd.openxmlformats-officedocument.presentationml.presentation",
	"application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.spreadsheet", "application/vnd.oasis.opendocument.presentation",
	"application/epub+zip", "application/ogg",
}

// fileTypeOf sorts a content type into the four kinds of files; "" is none
// that may be sent. An SVG is a document with scripts, so it is a file and no
// image.
func fileTypeOf(contentType string) string {
	class, _, _ := strings.Cut(contentType, "/")
	switch {
	case contentType == "image/svg+xml":
		return "file"
	case class == "image", class == "audio", class == "video":
		return class
	case slices.Contains(documents, contentType):
		return "file"
	}
	return ""
}

// keepFiles stores the files of d, so that the message can be written. Whoever
// does not write it gives them back with dropFiles; where that is not done,
// they are swept a day later.
func (r *Router) keepFiles(ctx context.Context, d Draft) (Draft, error) {
	limits := r.opts.FileLimits
	switch {
	case len(d.Files) == 0:
		return d, nil
	case r.opts.Files == nil:
		return d, fault.Invalid.Field("not_allowed", "attachments")
	case len(d.Files) > limits.Files:
		return d, fault.Invalid.Field(fault.Limit("too_many", limits.Files), "attachments")
	}
	d.kept = nil
	left := limits.AllSize
	for _, u := range d.Files {
		a, err := r.keepFile(ctx, u, left)
		if err != nil {
			r.dropFiles(ctx, d.kept)
			return d, err
		}
		left -= a.FileSize
		d.kept = append(d.kept, a)
	}
	return d, nil
}

// keepFile stores one file, of at most left bytes as the others have the rest.
func (r *Router) keepFile(ctx context.Context, u Upload, left int64) (*Attachment, error) {
	content, err := u.Open()
	if err != nil {
		return nil, fmt.Errorf("open upload: %w", err)
	}
	defer content.Close()
	head := make([]byte, sniffed)
	n, err := io.ReadFull(content, head)
	switch {
	case n == 0:
		return nil, fault.Invalid.Field("blank", "attachments")
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fmt.Errorf("read upload: %w", err)
	}
	contentType, _, _ := strings.Cut(mimetype.Detect(head[:n]).String(), ";")
	a := &Attachment{FileType: fileTypeOf(contentType), ContentType: contentType, FileName: fileName(u.Name), StorageKey: files.NewKey()}
	if a.FileType == "" {
		return nil, fault.Invalid.Field("unsupported_media_type", "attachments")
	}
	if err := r.announceFile(ctx, a.StorageKey); err != nil {
		return nil, err
	}
	sum := sha256.New()
	m := &meter{r: io.MultiReader(bytes.NewReader(head[:n]), content), left: left, limit: r.opts.FileLimits.AllSize}
	if each := r.opts.FileLimits.EachSize; each <= left {
		m.left, m.limit = each, each
	}
	if err := r.opts.Files.Put(ctx, a.StorageKey, io.TeeReader(m, sum)); err != nil {
		return nil, err
	}
	a.FileSize, a.sum = m.read, hex.EncodeToString(sum.Sum(nil))
	return a, nil
}

// meter counts what is read and refuses more than is allowed.
type meter struct {
	r                 io.Reader
	read, left, limit int64 // limit is what a refusal names
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.read, m.left = m.read+int64(n), m.left-int64(n)
	if m.left < 0 {
		return 0, fault.Invalid.Field(fault.Limit("too_large", m.limit), "attachments")
	}
	return n, err
}

// fileName makes a sender's name of a file harmless: no folders, nothing that
// cannot be seen, not too long, its ending kept.
func fileName(name string) string {
	name = strings.ToValidUTF8(name, "")
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.TrimLeft(strings.TrimSpace(strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) || strings.ContainsRune(`<>:"|?*`, c) {
			return -1
		}
		return c
	}, name)), ".")
	if name == "" {
		return "file"
	}
	if len(name) <= maxFileName {
		return name
	}
	ending := path.Ext(name)
	if len(ending) > 20 {
		ending = ""
	}
	stem := name[:maxFileName-len(ending)]
	for !utf8.ValidString(stem) {
		stem = stem[:len(stem)-1]
	}
	return stem + ending
}
