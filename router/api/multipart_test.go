package api

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"relevo/router/fault"
)

func multipartRequest(t *testing.T, boundary string, body io.Reader) *http.Request {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "/", body)
	require.NoError(t, err)
	r.Header.Set("Content-Type", "multipart/form-data; boundary="+boundary)
	return r
}

const (
	textPart = "--XX\r\nContent-Disposition: form-data; name=\"content\"\r\n\r\nmi foto\r\n"
	filePart = "--XX\r\nContent-Disposition: form-data; name=\"attachments[]\"; filename=\"a.png\"\r\n\r\nPNG\r\n"
	badName  = "--XX\r\nContent-Disposition: form-data; name=\"attachments[]\"; filename=\"a\"b.png\"\r\n\r\nPNG\r\n"
)

func TestAMultipartBodyIsTakenAsAWholeOrNotAtAll(t *testing.T) {
	for name, tt := range map[string]struct {
		body string
		ok   bool
	}{
		"text and file":             {textPart + filePart + "--XX--\r\n", true},
		"without a line at the end": {textPart + filePart + "--XX--", true},
		"nothing":                   {"--XX--\r\n", true},
		"a quote in the file name":  {textPart + badName + "--XX--\r\n", false},
		"a part without a name":     {textPart + "--XX\r\nContent-Type: text/plain\r\n\r\nx\r\n--XX--\r\n", false},
		"it ends in a header":       {textPart + "--XX\r\nContent-Disposition: form-d", false},
		"it ends before the end":    {textPart, false},
		"it ends in a file":         {textPart + filePart[:len(filePart)-3], false},
	} {
		t.Run(name, func(t *testing.T) {
			for _, body := range []io.Reader{strings.NewReader(tt.body), iotest.OneByteReader(strings.NewReader(tt.body))} {
				_, err := readMultipart(multipartRequest(t, "XX", body))
				if tt.ok {
					require.NoError(t, err)
				} else {
					require.ErrorIs(t, err, fault.Malformed)
				}
			}
		})
	}
}

func TestWhateverAMultipartWriterWritesIsTaken(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		parts := rapid.SliceOfN(rapid.SliceOf(rapid.Byte()), 0, 5).Draw(rt, "parts")
		for _, content := range parts {
			part, err := w.CreateFormFile("attachments[]", "a.bin")
			require.NoError(rt, err)
			_, err = part.Write(append(content, "\r\n--"...))
			require.NoError(rt, err)
		}
		require.NoError(rt, w.Close())
		form, err := readMultipart(multipartRequest(t, w.Boundary(), &body))
		require.NoError(rt, err)
		require.Len(rt, form.File["attachments[]"], len(parts))
	})
}
