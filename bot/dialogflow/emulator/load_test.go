package emulator_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	pb "cloud.google.com/go/dialogflow/apiv2/dialogflowpb"
	"github.com/stretchr/testify/require"

	"relevo/bot/dialogflow/emulator"
)

// export is a small agent as files; more are added to it, or put in place.
func export(more map[string]string) map[string]string {
	files := map[string]string{
		"package.json": `{"version":"1.0.0"}`,
		"agent.json":   `{"language":"es","mlMinConfidence":0.3}`,
		"intents/Hola.json": `{"id":"a","name":"Hola","responses":[{"messages":[
			{"type":"0","lang":"es","speech":"Hola, hola"}]}],"priority":500000}`,
		"intents/Hola_usersays_es.json": `[{"data":[{"text":"hola"}]}]`,
	}
	for name, data := range more {
		files[name] = data
	}
	return files
}

func mapFS(files map[string]string) fs.FS {
	m := fstest.MapFS{}
	for name, data := range files {
		m[name] = &fstest.MapFile{Data: []byte(data)}
	}
	return m
}

// zipped writes files into a zip, with their names as they are.
func zipped(t *testing.T, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	for name, data := range files {
		method := zip.Store // deflating thousands of small files takes long
		if len(data) > 1<<10 {
			method = zip.Deflate
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		require.NoError(t, err)
		_, err = w.Write([]byte(data))
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	name := filepath.Join(t.TempDir(), "agent.zip")
	require.NoError(t, os.WriteFile(name, b.Bytes(), 0o600))
	return name
}

func TestLoadTakesAFolderAZipAndAZipWithAFolderInIt(t *testing.T) {
	dir := t.TempDir()
	wrapped := map[string]string{}
	for name, data := range export(nil) {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600))
		wrapped["my-agent/"+name] = data
	}
	for _, name := range []string{dir, zipped(t, export(nil)), zipped(t, wrapped)} {
		a, err := emulator.Load(name)
		require.NoError(t, err)
		require.Contains(t, a.String(), "1 intents, 1 phrases, 0 entities, languages es")
		require.Equal(t, "es", a.Language())
		start(t, a, "es").expect(line{"¡HOLA!", "Hola", "Hola, hola"})
	}
}

func TestLoadTakesBothGenerationsOfExports(t *testing.T) {
	const intent = `{"id":"b","name":"Pide","contexts":["CTX"],"events":[{"name":"PIDE"}],
		"responses":[{"action":"pide","affectedContexts":[{"name":"Out","lifespan":%s}],
		"parameters":[{"name":"talla","required":true,"dataType":"@talla","value":"$talla","prompts":%s}],
		"messages":%s}],"priority":500000%s}`
	old := export(map[string]string{
		"intents/Pide.json": fmt.Sprintf(intent, `5`, `["¿Qué talla?"]`, `[{"type":0,"speech":["Talla $talla"]}]`,
			`,"userSays":[{"data":[{"text":"dame una "},{"text":"grande","meta":"@talla","alias":"talla"}]}]`),
		"entities/talla.json": `{"name":"talla","entries":[{"value":"L","synonyms":["grande"]}]}`,
	})
	recent := export(map[string]string{
		"intents/Pide.json": "\ufeff" + fmt.Sprintf(intent, `"5"`, `[{"lang":"es","value":"¿Qué talla?"},{"lang":"en","value":"Size?"}]`,
			`[{"type":"0","lang":"es","speech":"Talla $talla"},{"type":"telepathy","speech":[]}]`, `,"liveAgentHandoff":true`),
		"intents/Pide_usersays_es.json":  "\ufeff" + `[{"data":[{"text":"dame una "},{"text":"grande","meta":"@talla","alias":"talla","userDefined":true}],"isTemplate":false}]`,
		"entities/talla.json":            `{"name":"talla","isRegexp":false}`,
		"entities/talla_entries_es.json": `[{"value":"L","synonyms":["grande"]},{"value":42,"synonyms":"cuarenta y dos"}]`,
	})
	for name, files := range map[string]map[string]string{"2017": old, "2018": recent} {
		t.Run(name, func(t *testing.T) {
			a, err := emulator.LoadFS(mapFS(files))
			require.NoError(t, err)
			k := start(t, a, "es")
			k.expect(line{"dame una grande", "", ""}) // its input context is not active
			req := k.text("dame una Grande")
			req.QueryParams = &pb.QueryParameters{Contexts: []*pb.Context{{Name: k.session + "/contexts/ctx", LifespanCount: 2}}}
			resp, err := k.ask(req)
			require.NoError(t, err)
			require.Equal(t, "Talla L", resp.QueryResult.FulfillmentText)
			require.Equal(t, 5, lifespan(resp.QueryResult, "out"))
			require.Equal(t, name == "2018", resp.QueryResult.Intent.LiveAgentHandoff)
			require.Equal(t, "¿Qué talla?", k.event("PIDE", nil).FulfillmentText)
		})
	}
	a, err := emulator.LoadFS(mapFS(recent))
	require.NoError(t, err)
	require.Equal(t, []string{`intent "Pide": messages of type "telepathy" are left out`}, a.Warnings())
}

func TestLoadKeepsNoSecrets(t *testing.T) {
	const secret = "s3cr3t-of-the-export"
	a, err := emulator.LoadFS(mapFS(export(map[string]string{
		"agent.json": `{"language":"es","primaryKey":"` + secret + `","secondaryKey":"` + secret +
			`","webhook":{"url":"https://` + secret + `","username":"` + secret + `","password":"` + secret + `","headers":{"k":"` + secret + `"}}}`,
	})))
	require.NoError(t, err)
	require.NotContains(t, fmt.Sprintf("%+v", *a), secret)
}

func TestLoadRefuses(t *testing.T) {
	tooMany := export(nil)
	for i := range 2001 {
		tooMany[fmt.Sprintf("intents/%d.json", i)] = `{}`
	}
	big := strings.Repeat(" ", 9<<20)
	sum := export(nil)
	for i := range 9 {
		sum[fmt.Sprintf("intents/%d.json", i)] = `{"name":"` + strings.Repeat("a", 7<<20+1<<19) + `"}`
	}
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  error
		says  string
	}{
		{"a name that climbs out", export(map[string]string{"../../etc/cron.d/evil.json": `{}`}), emulator.ErrUnsafe, "../../etc/cron.d/evil.json"},
		{"a name that climbs out later", export(map[string]string{"intents/../../evil.json": `{}`}), emulator.ErrUnsafe, "leads out"},
		{"an absolute name", export(map[string]string{"/etc/passwd.json": `{}`}), emulator.ErrUnsafe, "/etc/passwd.json"},
		{"a backslash", export(map[string]string{`..\evil.json`: `{}`}), emulator.ErrUnsafe, "leads out"},
		{"a drive", export(map[string]string{`C:evil.json`: `{}`}), emulator.ErrUnsafe, "leads out"},
		{"too many files", tooMany, emulator.ErrTooBig, "more than 2000 files"},
		{"a file that is too large", export(map[string]string{"intents/big.json": big}), emulator.ErrTooBig, "larger than 8 MiB"},
		{"too much in all", sum, emulator.ErrTooBig, "more than 64 MiB unpacked"},
		{"no agent", map[string]string{"readme.json": `{}`}, emulator.ErrNotAgent, "no agent.json"},
		{"two agents", map[string]string{"a/agent.json": `{}`, "b/agent.json": `{}`}, emulator.ErrNotAgent, "2 agents"},
		{"no intents", map[string]string{"agent.json": `{}`}, emulator.ErrNotAgent, "no intents"},
		{"broken JSON", export(map[string]string{"intents/Mal.json": `{"name":`}), emulator.ErrNotAgent, "intents/Mal.json"},
		{"a CX agent", map[string]string{"agent.json": `{"displayName":"x","defaultLanguageCode":"en","startFlow":"f"}`}, emulator.ErrNotAgent, "Dialogflow CX"},
		{"a lifespan that is no number", export(map[string]string{"intents/M.json": `{"responses":[{"affectedContexts":[{"name":"x","lifespan":"lots"}]}]}`}), emulator.ErrNotAgent, "no number"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := emulator.Load(zipped(t, tt.files))
			require.ErrorIs(t, err, tt.want)
			require.ErrorContains(t, err, tt.says)
		})
	}
}

func TestLoadRefusesAZipBombBeforeItIsUnpacked(t *testing.T) {
	// 10 GiB of zeros need ten megabytes; a header may also lie about them.
	bomb := func(declared uint64) string {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		h := &zip.FileHeader{Name: "intents/bomb.json", Method: zip.Store, UncompressedSize64: declared, CompressedSize64: 4}
		w, err := z.CreateRaw(h)
		require.NoError(t, err)
		_, err = w.Write([]byte("    "))
		require.NoError(t, err)
		require.NoError(t, z.Close())
		name := filepath.Join(t.TempDir(), "bomb.zip")
		require.NoError(t, os.WriteFile(name, b.Bytes(), 0o600))
		return name
	}
	_, err := emulator.Load(bomb(10 << 30))
	require.ErrorIs(t, err, emulator.ErrTooBig)

	// One that unpacks to more than it admits: deflated zeros, small in the header.
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("intents/bomb.json")
	require.NoError(t, err)
	_, err = w.Write(make([]byte, 20<<20))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	raw := b.Bytes()
	require.Less(t, len(raw), 64<<10)
	name := filepath.Join(t.TempDir(), "liar.zip")
	central := bytes.LastIndex(raw, []byte("PK\x01\x02"))
	copy(raw[central+24:], []byte{16, 0, 0, 0}) // the uncompressed size
	require.NoError(t, os.WriteFile(name, raw, 0o600))
	_, err = emulator.Load(name)
	require.Error(t, err)
}

func TestLoadRefusesWhatIsNotThereOrNoZip(t *testing.T) {
	_, err := emulator.Load(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	name := filepath.Join(t.TempDir(), "agent.zip")
	require.NoError(t, os.WriteFile(name, []byte("no zip at all"), 0o600))
	_, err = emulator.Load(name)
	require.ErrorIs(t, err, emulator.ErrNotAgent)
}

func TestLoadDoesNotFollowALinkOutOfTheFolder(t *testing.T) {
	dir := t.TempDir()
	outside := filepath.Join(t.TempDir(), "secret.json")
	require.NoError(t, os.WriteFile(outside, []byte(`{}`), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "agent.json"), []byte(`{}`), 0o600))
	require.NoError(t, os.Symlink(outside, filepath.Join(dir, "link.json")))
	_, err := emulator.Load(dir)
	require.ErrorIs(t, err, emulator.ErrUnsafe)
}

// FuzzLoad: whatever a zip holds, loading ends, without a panic, with an
// agent or an error.
func FuzzLoad(f *testing.F) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, data := range export(map[string]string{"entities/e.json": `{"name":"e","isRegexp":true,"entries":[{"value":"[a-z]+","synonyms":["("]}]}`}) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		require.NoError(f, err)
		_, err = w.Write([]byte(data))
		require.NoError(f, err)
	}
	require.NoError(f, z.Close())
	f.Add(b.Bytes())
	f.Add([]byte("PK\x05\x06"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		name := filepath.Join(t.TempDir(), "fuzz.zip")
		require.NoError(t, os.WriteFile(name, data, 0o600))
		if a, err := emulator.Load(name); err == nil {
			require.NotEmpty(t, a.String())
		}
	})
}

// FuzzIntent: whatever the files of an intent and its phrases hold, loading
// ends without a panic, and so does every answer of what was loaded.
func FuzzIntent(f *testing.F) {
	f.Add(`{"id":"a","name":"A","responses":[{"parameters":[{"name":"n","required":true,"dataType":"@sys.number","prompts":["?"]}],"messages":[{"type":"4","payload":{"a":["$n"]}}]}]}`,
		`[{"data":[{"text":"a "},{"text":"1","meta":"@sys.number","alias":"n"}]}]`, "a 3")
	f.Add(`{"fallbackIntent":true,"responses":[{"messages":[{"speech":[""]}]}]}`, `[{"data":[{"text":"$","meta":"@sys.any"}]}]`, "\u0301'’")
	f.Fuzz(func(t *testing.T, intent, phrases, text string) {
		a, err := emulator.LoadFS(mapFS(export(map[string]string{"intents/A.json": intent, "intents/A_usersays_es.json": phrases})))
		if err == nil {
			emulator.Answer(a, text)
		}
	})
}
