package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"relevo/router/mail/mailtest"
	"relevo/router/routertest"
	"relevo/router/store"
)

// TestAProcessKilledOverAMail kills the real process at each step of handing
// over a mail, and starts it again. Nobody gets a mail twice; what surely was
// not sent is sent; of what may have been an administrator is told.
func TestAProcessKilledOverAMail(t *testing.T) {
	routertest.Empty(t, func(t *testing.T, opts store.Options) {
		server := mailtest.Start(t, mailtest.Options{})
		n := mailingNode(t, opts, server)
		n.start(t)
		t.Cleanup(func() { n.kill() })
		db := routertest.Open(t, opts)
		for _, tt := range []struct{ step, state string }{
			{mailtest.Sender, "sent"}, {mailtest.Reader, "sent"}, {mailtest.End, "doubtful"}, {mailtest.Taken, "doubtful"},
		} {
			before := len(server.Mails())
			killed := make(chan struct{})
			var first sync.Once
			server.At(func(step, _ string) error {
				if step == tt.step {
					first.Do(func() { n.kill(); close(killed) })
				}
				return nil
			})
			n.asksForTranscript(t)
			select {
			case <-killed:
			case <-time.After(killSlack):
				require.Fail(t, "no mail came as far as "+tt.step)
			}
			require.NoError(t, db.Tx(t.Context(), func(tx *gorm.DB) error { // what the queue does with it some minutes later
				return tx.Exec("UPDATE river_job SET state = 'available', scheduled_at = created_at WHERE state = 'running'").Error
			}))
			n.start(t)
			var state string
			require.True(t, wait(killSlack, func() bool {
				require.NoError(t, db.Read().Raw("SELECT state FROM mails ORDER BY id DESC LIMIT 1").Scan(&state).Error)
				return state == "sent" || state == "doubtful"
			}), "%s: %s", tt.step, state)
			require.Equal(t, tt.state, state, tt.step)
			require.Equal(t, 1, len(server.Mails())-before, tt.step)
			listed := 0
			require.NoError(t, db.Read().Raw("SELECT count(*) FROM mails WHERE state = 'doubtful'").Scan(&listed).Error)
			require.True(t, wait(killSlack, func() bool {
				var failed int
				require.NoError(t, db.Read().Raw("SELECT count(*) FROM river_job WHERE state = 'cancelled'").Scan(&failed).Error)
				return failed == listed
			}), "what may have been sent stands among the failed jobs")
		}
	})
}

// mailingNode is a node that sends transcripts, without a bot.
func mailingNode(t *testing.T, opts store.Options, server *mailtest.Server) *node {
	return loneNode(t, opts, fmt.Sprintf(`
mail: { driver: smtp, host: %s, port: %d, tls: none, from: "Tienda <hola@tienda.example>" }
inboxes:
  - { identifier: web, name: Tienda, locale: es, timezone: UTC }
`, server.Host, server.Port))
}

// loneNode is the only node on a database, with an inbox "web" that is named in
// the rest of its configuration.
func loneNode(t *testing.T, opts store.Options, rest string) *node {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := free.Addr().String()
	require.NoError(t, free.Close())
	database := fmt.Sprintf("driver: sqlite, path: %q", opts.Path)
	if opts.Driver == store.Postgres {
		database = fmt.Sprintf("driver: postgres, dsn: %q", opts.DSN)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "node.yaml")
	require.NoError(t, os.WriteFile(path, fmt.Appendf(nil, `
server: { listen: %q }
database: { %s }
storage: { path: %q }
%s`, address, database, filepath.Join(dir, "files"), rest), 0o600))
	return &node{config: path, base: "http://" + address + "/public/api/v1/inboxes/web"}
}

var sourceID = regexp.MustCompile(`"source_id":"([^"]+)"`)

// asksForTranscript is a visitor who says one word, is done, and wants to keep it.
func (n *node) asksForTranscript(t *testing.T) {
	t.Helper()
	visitor := n.base + "/contacts/" + sourceID.FindStringSubmatch(publicPost(t, n.base+"/contacts", `{"name":"Lucía","email":"lucia@example.com"}`))[1]
	id := regexp.MustCompile(`^\{"id":(\d+)`).FindStringSubmatch(publicPost(t, visitor+"/conversations", ""))[1]
	conversation := visitor + "/conversations/" + id
	publicPost(t, conversation+"/messages", `{"content":"Hola"}`)
	publicPost(t, conversation+"/toggle_status", "")
	publicPost(t, conversation+"/transcript", "")
}

func publicPost(t *testing.T, url, body string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, res.StatusCode, string(answer))
	return string(answer)
}

// The demonstration catches its mails and shows them on this machine.
func TestTheDemoShowsItsMails(t *testing.T) {
	base := demoServer(t)
	n := &node{base: base + "/public/api/v1/inboxes/demo"}
	n.asksForTranscript(t)
	require.Eventually(t, func() bool { return strings.Contains(get(t, base+"/mailbox"), "lucia@example.com") }, 30*time.Second, 50*time.Millisecond)
	require.Contains(t, get(t, base+"/mailbox"), "Transcripción de la conversación con Tienda Relevo")
	require.Contains(t, get(t, base+"/mailbox/1"), "<iframe")
	require.Contains(t, get(t, base+"/mailbox/1/html"), "<p>Hola</p>")
}
