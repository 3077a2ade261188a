package api_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/router"
	"relevo/router/files"
)

const png = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"

// smallFiles is what a message may carry in these tests.
var smallFiles = router.FileLimits{Files: 3, EachSize: 2_000_000, AllSize: 3_000_000}

// folderOf gives a house a place for files.
func folderOf(t *testing.T) files.Store {
	t.Helper()
	folder, err := files.NewFolder(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, folder.Close()) })
	return folder
}

// form is a multipart body: pairs of a name and a text, and files as the name
// of the field, the name of the file and its content.
func form(t *testing.T, texts [][2]string, sent ...[3]string) (body, contentType string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range texts {
		require.NoError(t, w.WriteField(f[0], f[1]))
	}
	for _, f := range sent {
		part, err := w.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {fmt.Sprintf(`form-data; name=%q; filename=%q`, f[0], f[1])},
			"Content-Type":        {"image/png"}, // what a sender claims is not believed
		})
		require.NoError(t, err)
		_, err = io.WriteString(part, f[2])
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.String(), w.FormDataContentType()
}

func attachmentsIn(message map[string]any) []map[string]any {
	list, _ := message["attachments"].([]any)
	var out []map[string]any
	for _, a := range list {
		out = append(out, a.(map[string]any))
	}
	return out
}

func TestFilesTravelBothWays(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		public, agents := h.conversation(h.visitor("tienda"), "Hola")

		body, kind := form(t, [][2]string{{"content", ""}, {"echo_id", "e1"}}, [3]string{"attachments[]", "mi foto.png", png}, [3]string{"attachments[]", "nota.txt", "hola"})
		sent := h.must("POST", public+"/messages", "", body, "Content-Type", kind)
		got := attachmentsIn(sent)
		require.Len(t, got, 2)
		require.Equal(t, []any{"image", "image/png", "png", "mi foto.png", float64(len(png)), 1.0, sent["id"], nil, nil},
			[]any{got[0]["file_type"], got[0]["content_type"], got[0]["extension"], got[0]["file_name"], got[0]["file_size"],
				got[0]["account_id"], got[0]["message_id"], got[0]["width"], got[0]["height"]})
		require.Equal(t, got[0]["data_url"], got[0]["thumb_url"])
		require.Equal(t, []any{"file", "text/plain", ""}, []any{got[1]["file_type"], got[1]["content_type"], got[1]["thumb_url"]})
		again := h.must("POST", public+"/messages", "", body, "Content-Type", kind)
		require.Equal(t, []any{sent["id"], sent["attachments"]}, []any{again["id"], again["attachments"]}, "the same echo_id")

		// The dialect's other spellings.
		for _, field := range []string{"message[attachments][]", "attachments"} {
			body, kind = form(t, [][2]string{{"message[content]", "toma"}}, [3]string{field, "a.pdf", "%PDF-1.7"})
			require.Len(t, attachmentsIn(h.must("POST", agents+"/messages", "token-ana", body, "Content-Type", kind)), 1, field)
		}
		body, kind = form(t, [][2]string{{"content", "solo nosotros"}, {"private", "true"}}, [3]string{"attachments[]", "secreto.pdf", "%PDF-1.7"})
		h.must("POST", agents+"/messages", "token-ana", body, "Content-Type", kind)

		require.NotContains(t, h.ask("GET", public+"/messages", "", "").body, "secreto.pdf")
		require.Contains(t, h.ask("GET", public+"/messages", "", "").body, "a.pdf")
		require.Contains(t, h.ask("GET", agents+"/messages", "token-ana", "").body, "mi foto.png")

		list := h.must("GET", agents+"/attachments", "token-ana", "")
		require.Equal(t, 5.0, list["meta"].(map[string]any)["total_count"])
		newest := list["payload"].([]any)[0].(map[string]any)
		require.Equal(t, []any{"secreto.pdf", "ana"}, []any{newest["file_name"], newest["sender"].(map[string]any)["name"]})
		require.Equal(t, 401, h.ask("GET", agents+"/attachments", "token-berta", "").status)
	})
}

func TestAFileIsServedSoThatNothingRuns(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		public, _ := h.conversation(h.visitor("tienda"), "Hola")
		svg := `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`
		body, kind := form(t, nil, [3]string{"attachments[]", "año \"1\".png", png}, [3]string{"attachments[]", "dibujo.svg", svg})
		sent := attachmentsIn(h.must("POST", public+"/messages", "", body, "Content-Type", kind))
		image, drawing := sent[0]["data_url"].(string), sent[1]["data_url"].(string)

		got := h.ask("GET", image, "", "")
		require.Equal(t, []any{200, png}, []any{got.status, got.body})
		for header, want := range map[string]string{
			"Content-Type": "image/png", "Content-Disposition": `inline; filename*=utf-8''a%C3%B1o%201.png`,
			"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'",
			"Cross-Origin-Resource-Policy": "cross-origin", "Referrer-Policy": "no-referrer", "Accept-Ranges": "bytes",
		} {
			require.Equal(t, want, got.header.Get(header), header)
		}
		part := h.ask("GET", image, "", "", "Range", "bytes=1-3")
		require.Equal(t, []any{206, "PNG"}, []any{part.status, part.body}, "a player asks for pieces")
		head := h.ask("HEAD", image, "", "")
		require.Equal(t, []any{200, "", fmt.Sprint(len(png))}, []any{head.status, head.body, head.header.Get("Content-Length")})
		known := h.ask("GET", image, "", "", "If-None-Match", got.header.Get("ETag"))
		require.Equal(t, 304, known.status)

		got = h.ask("GET", drawing, "", "")
		require.Equal(t, "image/svg+xml", got.header.Get("Content-Type"))
		require.Equal(t, `attachment; filename=dibujo.svg`, got.header.Get("Content-Disposition"))

		for _, path := range []string{"/attachments/" + strings.Repeat("a", 32) + "/x", "/attachments/x/y", "/attachments/..%2f..%2frelevo.db/x"} {
			require.Equal(t, 404, h.ask("GET", path, "", "").status, path)
		}
		require.NotContains(t, h.log.String(), strings.Split(image, "/")[2], "the log names no key")
	})
}

func TestFilesThatAreRefused(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		public, agents := h.conversation(h.visitor("tienda"), "Hola")
		file := func(name, content string) [3]string { return [3]string{"attachments[]", name, content} }
		before := h.stored()
		for name, tt := range map[string]struct {
			files  [][3]string
			status int
			says   string
		}{
			"a page":              {[][3]string{file("a.png", "<!DOCTYPE html><script>")}, 422, "attachments is of a type that is not accepted"},
			"a program":           {[][3]string{file("a.pdf", "MZ\x90\x00")}, 422, "attachments is of a type that is not accepted"},
			"four":                {[][3]string{file("a", "a"), file("b", "b"), file("c", "c"), file("d", "d")}, 422, "attachments can have at most 3 items"},
			"nothing in it":       {[][3]string{file("a.txt", "")}, 422, "attachments must not be blank"},
			"2 MB and one byte":   {[][3]string{file("a.txt", strings.Repeat("a", 2_000_001))}, 422, "attachments can have at most 2000000 bytes"},
			"3 MB and one byte":   {[][3]string{file("a.txt", strings.Repeat("a", 1_500_001)), file("b.txt", strings.Repeat("b", 1_500_000))}, 422, "attachments can have at most 3000000 bytes"},
			"more than a message": {[][3]string{file("a.txt", strings.Repeat("a", 4_100_000))}, 413, "The request is larger than 4000000 bytes."},
		} {
			for _, door := range []struct{ path, token string }{{public, ""}, {agents, "token-ana"}} {
				body, kind := form(t, nil, tt.files...)
				got := h.ask("POST", door.path+"/messages", door.token, body, "Content-Type", kind, "Accept-Language", "en")
				require.Equal(t, tt.status, got.status, "%s: %s", name, got.body)
				require.Contains(t, got.body, tt.says, name)
			}
		}
		for _, tt := range []struct{ kind, body string }{
			{asJSON, `{"content":"a","attachments":["signed-id"]}`},
			{asJSON, `{"content":"a","attachments":[{"a":1}]}`},
			{asForm, `content=a&attachments[]=text`},
		} {
			require.Equal(t, 422, h.ask("POST", public+"/messages", "", tt.body, "Content-Type", tt.kind).status, tt.body)
		}
		body, kind := form(t, [][2]string{{"typing_status", "on"}}, file("a.txt", strings.Repeat("a", 1_000_000)))
		require.Equal(t, 413, h.ask("POST", public+"/toggle_typing", "", body, "Content-Type", kind).status, "elsewhere the limit stays")
		nobody := strings.Replace(public, "/contacts/", "/contacts/not-", 1)
		require.Equal(t, 404, h.ask("POST", nobody+"/messages", "", "--x\r\nbroken", "Content-Type", "multipart/form-data; boundary=x").status, "nobody's body is not read")
		require.Equal(t, before, h.stored())
		for _, tt := range []string{`{"content":"a","attachments":[]}`, `{"content":"a","attachments":null}`, `{"content":"a","attachments":""}`} {
			h.must("POST", public+"/messages", "", tt)
		}
	})
}

// A file of some megabytes lies in a temporary folder while it is taken.
func TestALargeFileArrivesWhole(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		public, _ := h.conversation(h.visitor("tienda"), "Hola")
		large := strings.Repeat("relevo ", 280_000)
		body, kind := form(t, nil, [3]string{"attachments[]", "largo.txt", large})
		sent := attachmentsIn(h.must("POST", public+"/messages", "", body, "Content-Type", kind))
		require.Equal(t, large, h.ask("GET", sent[0]["data_url"].(string), "", "").body)
	})
}

func TestADeletedMessageOverTheAPI(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		public, agents := h.conversation(h.visitor("tienda"), "Hola")
		body, kind := form(t, [][2]string{{"content", "tu clave es 1234"}}, [3]string{"attachments[]", "a.png", png})
		sent := h.must("POST", agents+"/messages", "token-ana", body, "Content-Type", kind)
		url := attachmentsIn(sent)[0]["data_url"].(string)
		message := fmt.Sprintf("%s/messages/%v", agents, sent["id"])
		require.Equal(t, 401, h.ask("DELETE", message, "token-berta", "").status)

		gone := h.must("DELETE", message, "token-ana", "")
		require.Equal(t, []any{"Este mensaje se borró", "text", map[string]any{"deleted": true}, nil},
			[]any{gone["content"], gone["content_type"], gone["content_attributes"], gone["attachments"]})
		for _, path := range []string{agents + "/messages", agents, desk + "?status=all"} {
			shown := h.ask("GET", path, "token-ana", "").body
			require.NotContains(t, shown, "1234", path)
			require.NotContains(t, shown, "a.png", path)
		}
		for _, path := range []string{public, public + "/messages", strings.TrimSuffix(public, "/"+strings.Split(public, "/")[len(strings.Split(public, "/"))-1])} {
			shown := h.ask("GET", path, "", "").body
			require.NotContains(t, shown, "1234", path)
			require.NotContains(t, shown, "se borró", path)
		}
		require.Equal(t, http.StatusNotFound, h.ask("GET", url, "", "").status)

		require.Equal(t, 401, h.ask("GET", message+"/original", "token-ana", "").status, "for administrators")
		original := h.must("GET", message+"/original", "token-jefa", "")
		require.Equal(t, []any{"tu clave es 1234", float64(h.agents["ana"].ID), float64(monday.Unix())},
			[]any{original["content"], original["deleted_by"], original["deleted_at"]})
		require.Equal(t, 404, h.ask("GET", agents+"/messages/1/original", "token-jefa", "").status, "one that was not deleted")
	})
}
