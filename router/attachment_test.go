package router_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"relevo/router"
	"relevo/router/fault"
	"relevo/router/files"
)

const (
	png = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
	pdf = "%PDF-1.7\n"
)

// fileLimits are small, so that tests reach them.
var fileLimits = router.FileLimits{Files: 3, EachSize: 1000, AllSize: 2000}

// withFiles gives d a folder for files, and returns how many are in it.
func (d *desk) withFiles() (kept func() int) {
	path := d.t.TempDir()
	folder, err := files.NewFolder(path)
	require.NoError(d.t, err)
	d.t.Cleanup(func() { require.NoError(d.t, folder.Close()) })
	d.folder = &shelf{Store: folder}
	d.Router = router.New(router.Options{DB: d.db, Bot: d.bot, Now: d.clock.Now, Files: d.folder, FileLimits: fileLimits})
	return func() int {
		n := 0
		require.NoError(d.t, filepath.WalkDir(path, func(_ string, e os.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				n++
			}
			return err
		}))
		return n
	}
}

// shelf is a folder from which, for a while, nothing can be taken.
type shelf struct {
	files.Store
	stuck bool
}

func (s *shelf) Delete(ctx context.Context, key string) error {
	if s.stuck {
		return errors.New("read-only file system")
	}
	return s.Store.Delete(ctx, key)
}

// upload is a file of a test.
func upload(name, content string) router.Upload {
	return router.Upload{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }}
}

func (d *desk) sends(visitor string, draft router.Draft) (*router.Message, error) {
	return d.Receive(d.t.Context(), router.Inbound{Inbox: d.tienda, SourceID: visitor, Draft: draft})
}

func TestAFileIsWhatItsBytesSay(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		d.withFiles()
		visitor := d.visitor(d.tienda)
		for name, tt := range map[string]struct {
			content, kind, contentType string
			inPlace                    bool
		}{
			"foto.png":          {png, "image", "image/png", true},
			"foto.txt":          {"\xff\xd8\xff\xe0 a photograph", "image", "image/jpeg", true},
			"risa.gif":          {"GIF89a........", "image", "image/gif", true},
			"voz.mp3":           {"ID3\x03\x00 la la", "audio", "audio/mpeg", true},
			"video.mp4":         {"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00", "video", "video/mp4", true},
			"factura.pdf":       {pdf, "file", "application/pdf", false},
			"foto.jpg":          {pdf, "file", "application/pdf", false},
			"lista.csv":         {"a,b\n1,2\n3,4\n", "file", "text/csv", false},
			"nota.txt":          {"hola, ¿qué tal?", "file", "text/plain", false},
			"datos.json":        {`{"a":1}`, "file", "application/json", false},
			"todo.zip":          {"PK\x03\x04\x14\x00", "file", "application/zip", false},
			"dibujo.svg":        {`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`, "file", "image/svg+xml", false},
			"página.png":        {"<!DOCTYPE html><script>alert(1)</script>", "", "", false},
			"página.html":       {"<html><body>hola", "", "", false},
			"juego.exe":         {"MZ\x90\x00\x03", "", "", false},
			"programa.pdf":      {"\x7fELF\x02\x01\x01", "", "", false},
			"xml":               {`<?xml version="1.0"?><a/>`, "", "", false},
			"whatever it is.js": {"\x00\x01\x02\x03\x04\x05", "", "", false},
		} {
			m, err := d.sends(visitor, router.Draft{Files: []router.Upload{upload(name, tt.content)}})
			if tt.kind == "" {
				require.Equal(t, fault.Invalid.Field("unsupported_media_type", "attachments").Error(), errorText(err), name)
				continue
			}
			require.NoError(t, err, name)
			a := m.Attachments[0]
			require.Equal(t, []any{tt.kind, tt.contentType, name, int64(len(tt.content)), tt.inPlace},
				[]any{a.FileType, a.ContentType, a.FileName, a.FileSize, a.InPlace()}, name)
			_, content, err := d.OpenAttachment(t.Context(), a.StorageKey)
			require.NoError(t, err)
			got, err := io.ReadAll(content)
			require.NoError(t, errors.Join(err, content.Close()))
			require.Equal(t, tt.content, string(got))
		}
	})
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestTheBotIsToldOfFilesWithoutWords(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		d.withFiles()
		visitor := d.visitor(d.tienda)
		m, err := d.sends(visitor, router.Draft{Files: []router.Upload{upload("a.png", png), upload("b.pdf", pdf)}})
		require.NoError(t, err)
		d.says(d.tienda, visitor, "es la factura")
		d.attend()
		words := d.bot.last().Words
		require.Equal(t, []router.Word{{Seq: m.Seq, Attachments: 2}, {Seq: words[1].Seq, Text: "es la factura"}}, words)
	})
}

func TestWhatIsTooMuchIsRefusedAndNothingIsKept(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		kept := d.withFiles()
		visitor := d.visitor(d.tienda)
		big := upload("a.txt", strings.Repeat("a", 1001))
		broken := errors.New("connection lost")
		for name, tt := range map[string]struct {
			files []router.Upload
			want  error
		}{
			"four files":  {[]router.Upload{upload("a", "a"), upload("b", "b"), upload("c", "c"), upload("d", "d")}, fault.Invalid.Field(fault.Limit("too_many", 3), "attachments")},
			"1,001 bytes": {[]router.Upload{upload("b.png", png), big}, fault.Invalid.Field(fault.Limit("too_large", 1000), "attachments")},
			"2,001 bytes together": {[]router.Upload{upload("a.txt", strings.Repeat("a", 900)), upload("b.txt", strings.Repeat("b", 900)),
				upload("c.txt", strings.Repeat("c", 201))}, fault.Invalid.Field(fault.Limit("too_large", 2000), "attachments")},
			"an empty file": {[]router.Upload{upload("a.png", png), upload("a.txt", "")}, fault.Invalid.Field("blank", "attachments")},
			"one that breaks off": {[]router.Upload{upload("a.png", png), {Name: "a.txt", Open: func() (io.ReadCloser, error) {
				return io.NopCloser(io.MultiReader(strings.NewReader(strings.Repeat("a", 5000)), iotest.ErrReader(broken))), nil
			}}}, fault.Invalid.Field(fault.Limit("too_large", 1000), "attachments")},
			"one that is not there": {[]router.Upload{upload("a.png", png), {Name: "a", Open: func() (io.ReadCloser, error) { return nil, broken }}}, broken},
		} {
			_, err := d.sends(visitor, router.Draft{Content: "mira", Files: tt.files})
			if f := (*fault.Fault)(nil); errors.As(tt.want, &f) {
				require.Equal(t, tt.want.Error(), errorText(err), name)
			} else {
				require.ErrorIs(t, err, tt.want, name)
			}
		}
		_, err := d.Reply(t.Context(), router.By{Actor: d.ana.Actor}, d.says(d.tienda, visitor, "hola").ConversationID,
			router.Draft{Files: []router.Upload{upload("a.png", png)}})
		require.ErrorIs(t, err, fault.Forbidden, "an agent outside the inbox")
		require.Zero(t, kept(), "files of messages that were not written")

		_, err = d.sends(visitor, router.Draft{Files: []router.Upload{upload("a.txt", strings.Repeat("a", 1000)), upload("b.txt", strings.Repeat("b", 1000))}})
		require.NoError(t, err, "exactly what is allowed")
		require.Equal(t, 2, kept())
	})
}

func TestWithoutAFolderFilesAreRefused(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		_, err := d.sends(d.visitor(d.tienda), router.Draft{Content: "mira", Files: []router.Upload{upload("a.png", png)}})
		require.Equal(t, fault.Invalid.Field("not_allowed", "attachments").Error(), errorText(err))
	})
}

func TestAFileSentTwiceIsStoredOnce(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		kept := d.withFiles()
		visitor := d.visitor(d.tienda)
		once := router.Draft{EchoID: "e1", Files: []router.Upload{upload("a.png", png)}}
		first, err := d.sends(visitor, once)
		require.NoError(t, err)
		again, err := d.sends(visitor, once)
		require.NoError(t, err)
		require.Equal(t, first.ID, again.ID)
		require.Equal(t, first.Attachments[0].StorageKey, again.Attachments[0].StorageKey)
		_, err = d.sends(visitor, router.Draft{EchoID: "e1", Files: []router.Upload{upload("a.png", png+"other")}})
		require.ErrorIs(t, err, fault.EchoConflict)
		require.Equal(t, 1, kept())
	})
}

func TestNamesOfFilesAreHarmless(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		d.withFiles()
		visitor := d.visitor(d.tienda)
		for sent, want := range map[string]string{
			"../../etc/passwd":                "passwd",
			`C:\Users\ana\foto año.png`:       "foto año.png",
			".bashrc":                         "bashrc",
			"":                                "file",
			"///":                             "file",
			"a\x00b\nc\u202egnp.exe":          "abcgnp.exe",
			"\xff\xfe.txt":                    "txt",
			`a"b<c>.txt`:                      "abc.txt",
			strings.Repeat("ñ", 300) + ".pdf": strings.Repeat("ñ", 98) + ".pdf",
		} {
			m, err := d.sends(visitor, router.Draft{Files: []router.Upload{upload(sent, pdf)}})
			require.NoError(t, err, "%q", sent)
			require.Equal(t, want, m.Attachments[0].FileName, "%q", sent)
		}
	})
}

func TestFilesOfAConversationAreListedTheNewestFirst(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		d.withFiles()
		visitor := d.visitor(d.tienda)
		m, err := d.sends(visitor, router.Draft{Files: []router.Upload{upload("1.png", png), upload("2.png", png)}})
		require.NoError(t, err)
		id := m.ConversationID
		_, err = d.Reply(t.Context(), d.ana, id, router.Draft{Content: "solo nosotros", Private: true, Files: []router.Upload{upload("3.pdf", pdf)}})
		require.NoError(t, err)
		_, err = d.sends(d.visitor(d.tienda), router.Draft{Files: []router.Upload{upload("otro.png", png)}})
		require.NoError(t, err)

		messages, total, err := d.Attachments(t.Context(), d.ana, id, 1)
		require.NoError(t, err)
		var names []string
		for _, m := range messages {
			for _, a := range m.Attachments {
				names = append(names, a.FileName)
			}
		}
		require.Equal(t, []string{"3.pdf", "2.png", "1.png"}, names)
		require.Equal(t, 3, total)
		empty, total, err := d.Attachments(t.Context(), d.ana, id, 2)
		require.NoError(t, err)
		require.Empty(t, empty)
		require.Equal(t, 3, total)
		_, _, err = d.Attachments(t.Context(), router.By{Actor: d.ana.Actor}, id, 1)
		require.ErrorIs(t, err, fault.Forbidden)

		thread, err := d.VisitorMessages(t.Context(), d.tienda, visitor, id, router.MessagePage{})
		require.NoError(t, err)
		require.Len(t, thread[0].Attachments, 2)
		for _, m := range thread[1:] {
			require.Empty(t, m.Attachments, "a note's file is no customer's")
		}
	})
}

func TestOnlyWhatAMessageHasCanBeOpened(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *desk) {
		d.withFiles()
		for _, key := range []string{"", "../x", files.NewKey(), strings.Repeat("a", 32)} {
			_, _, err := d.OpenAttachment(t.Context(), key)
			require.ErrorIs(t, err, fault.NotFound, key)
		}
	})
}
