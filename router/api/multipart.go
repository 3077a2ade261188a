package api

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"

	"relevo/router/fault"
)

// errIncomplete says that a multipart body has parts that could not be read.
var errIncomplete = errors.New("a part of the multipart body cannot be read")

// readMultipart parses a multipart body. The standard library passes over parts
// whose headers it cannot read, a file name with a bare quote in it for
// example, and over a body that ends amid headers: somebody would believe that
// their file has arrived. So the parts are counted, and all of them must be there.
func readMultipart(r *http.Request) (*multipart.Form, error) {
	_, kind, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	counted := newPartCounter(r.Body, kind["boundary"])
	r.Body = struct {
		io.Reader
		io.Closer
	}{counted, r.Body}
	if err := r.ParseMultipartForm(1 << 20); err != nil {
		return nil, unreadable(err)
	}
	read := 0
	for _, values := range r.MultipartForm.Value {
		read += len(values)
	}
	for _, files := range r.MultipartForm.File {
		read += len(files)
	}
	if !counted.closed || read != counted.parts {
		return nil, fault.Malformed.Wrap(errIncomplete)
	}
	return r.MultipartForm, nil
}

// partCounter counts the parts of a multipart body while it is read.
type partCounter struct {
	io.Reader
	mark   []byte // what stands before each part
	kept   []byte // of what was read: where a mark may have begun
	parts  int
	closed bool // the mark of the end was there
}

func newPartCounter(body io.Reader, boundary string) *partCounter {
	return &partCounter{Reader: body, mark: []byte("\n--" + boundary), kept: []byte("\n")}
}

// Read implements io.Reader.
func (c *partCounter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.count(p[:n])
	return n, err
}

func (c *partCounter) count(read []byte) {
	const ending = 2 // characters that tell a part's mark from the last one
	c.kept = append(c.kept, read...)
	for {
		i := bytes.Index(c.kept, c.mark)
		if i < 0 {
			c.kept = c.kept[max(0, len(c.kept)-len(c.mark)):]
			return
		}
		after := c.kept[i+len(c.mark):]
		if len(after) < ending {
			c.kept = c.kept[i:]
			return
		}
		switch {
		case after[0] == '-' && after[1] == '-':
			c.closed = true
		case bytes.IndexByte([]byte("\r\n\t "), after[0]) >= 0:
			c.parts++
		}
		c.kept = after
	}
}
