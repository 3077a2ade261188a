package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/config"
	"relevo/fsm"
	"relevo/router"
)

// exported returns the folder of a Dialogflow agent that somebody exported.
// They are other people's work and not part of this repository.
func exported(t *testing.T, name string) string {
	root, named := os.LookupEnv("RELEVO_TEST_AGENTS")
	if !named {
		root = filepath.Join("..", "..", "..", "shared", "agents")
	}
	path, err := filepath.Abs(filepath.Join(root, name))
	require.NoError(t, err)
	if _, err := os.Stat(path); err != nil {
		require.False(t, named, "RELEVO_TEST_AGENTS names %s: %v", root, err)
		require.NoDirExists(t, root, "the folder is there, so %s should be, too", name)
		t.Skipf("NOT TESTED: the exported agent %s is not there; RELEVO_TEST_AGENTS names the folder that holds it", name)
	}
	return path
}

// dialogue is a customer who talks to a flow through the real router, and the
// official client through it to the emulated agent.
type dialogue struct {
	t       *testing.T
	router  *router.Router
	inbox   *router.Inbox
	visitor string
	id      int64
	seen    int
	by      router.By
}

// talkTo starts a conversation with an exported agent. handoff is the flow's
// list of signals, in YAML.
func talkTo(t *testing.T, agent, handoff string) *dialogue {
	yaml := fmt.Sprintf(`
database: { path: %q }
storage: { path: %q }
inboxes:
  - { identifier: web, locale: en, timezone: America/New_York, bot: talk, debounce: { window: 0s, maximum: 0s } }
bots:
  - { name: agent, language: en, emulator: %q }
flows:
  - name: talk
    language: en
    steps:
      - dialogflow: { agent: agent, welcome: WELCOME, handoff: { on: %s } }
`, filepath.Join(t.TempDir(), "relevo.db"), t.TempDir(), agent, handoff)
	c, err := config.Parse("relevo.yaml", []byte(yaml), nil)
	require.NoError(t, err)
	s, _, err := start(t.Context(), c, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.close()) })
	d := &dialogue{t: t, router: s.router, by: router.By{Scope: router.Scope{All: true}}}
	d.inbox, err = s.router.InboxByIdentifier(t.Context(), "web")
	require.NoError(t, err)
	v, err := s.router.CreateVisitor(t.Context(), d.inbox, "", router.ContactDraft{})
	require.NoError(t, err)
	d.visitor = v.SourceID
	return d
}

// say writes as the customer and compares what the bot answers with the
// beginnings that are expected, one for each of its messages.
func (d *dialogue) say(text string, want ...string) {
	d.t.Helper()
	m, err := d.router.Receive(d.t.Context(), router.Inbound{Inbox: d.inbox, SourceID: d.visitor, Draft: router.Draft{Content: text}})
	require.NoError(d.t, err)
	d.id = m.ConversationID
	_, err = d.router.Sweep(d.t.Context())
	require.NoError(d.t, err)
	thread, err := d.router.VisitorMessages(d.t.Context(), d.inbox, d.visitor, d.id, router.MessagePage{After: new(m.ID)})
	require.NoError(d.t, err)
	require.Len(d.t, thread, len(want), "after %q: %v", text, contents(thread))
	for i, m := range thread {
		require.Equal(d.t, router.KindBot, m.SenderType)
		require.True(d.t, strings.HasPrefix(m.Content, want[i]), "after %q: %q", text, m.Content)
	}
}

func contents(messages []*router.Message) (texts []string) {
	for _, m := range messages {
		texts = append(texts, m.Content)
	}
	return texts
}

func (d *dialogue) status() fsm.Status {
	v, err := d.router.Conversation(d.t.Context(), d.by, d.id)
	require.NoError(d.t, err)
	return v.Conversation.Status
}

func (d *dialogue) handoff() *router.Brief {
	b, err := d.router.Handoff(d.t.Context(), d.by, d.id)
	require.NoError(d.t, err)
	return b
}

func TestDialogueHumanHandoff(t *testing.T) {
	d := talkTo(t, exported(t, "human-handoff"), "[{ context: operator_request }]")
	d.say("what do you do?", "I'm")
	d.say("colourless green ideas sleep", "")
	require.Equal(t, fsm.Pending, d.status())
	// The second miss: the agent's own words, then a person, by its context.
	d.say("furiously", "I'm not sure I can help with that.")
	require.Equal(t, fsm.Open, d.status())
	require.Equal(t, router.ReasonBotHandoff, d.handoff().Reason)
	require.Contains(t, d.handoff().Trigger, "operator_request")
}

func TestDialogueRoomReservation(t *testing.T) {
	d := talkTo(t, exported(t, "room-reservation"), "[payload]")
	d.say("help me with room reservation", "I can help with that. Where would you like")
	d.say("London", "What date?")
	d.say("tomorrow", "What time will the meeting start?")
	d.say("at 10 am", "How long will it last?")
	d.say("2 hours", "Thanks. How many people are attending?")
	d.say("there will be 5 of us", "Choose a room please.")
	d.say("B", "Ok, here are the meeting details.")
	d.say("sounds good", "All set!")
	require.Equal(t, fsm.Pending, d.status())
}

func TestDialogueBikeShop(t *testing.T) {
	d := talkTo(t, filepath.Join(exported(t, "bike-shop"), "dialogflow-agent"), "[payload]")
	d.say("what are your opening hours", "We are open every weekday")
	d.say("I'd like to schedule an appointment for next Friday", "What time works for you?")
	d.say("3pm", "Ok, let me see if we can fit you in.")
	d.say("I need a tune-up.", "Okay, we’ll schedule a service for tomorrow")
	require.Equal(t, fsm.Pending, d.status())
}

func TestDialogueSalesforceInternal(t *testing.T) {
	d := talkTo(t, exported(t, "salesforce-internal"), "[payload]")
	d.say("I need help with deal support", "")
	d.say("Acme Corporation", "Is this the correct name?")
	d.say("Name", "You don't have opportunities listed")
	d.say("opportunity", "What type of deal support do you need?")
	d.say("legal support", "Okay. Any additional notes")
	d.say("yes please", "Type in your notes.")
	d.say("call them before noon", "Is this deal support request correct?")
	d.say("absolutely", "Thank you. Your Case has been created.")
	require.Equal(t, fsm.Pending, d.status())
}

// TestDialogueWithASilentAgent: where the agent leaves the answer to a webhook
// that is not there, the customer is not left without one.
func TestDialogueWithASilentAgent(t *testing.T) {
	d := talkTo(t, exported(t, "salesforce-internal"), "[payload]")
	d.say("I need help with deal support", "")
	d.say("Acme Corporation", "Is this the correct name?")
	d.say("Yes", "I am having trouble answering you right now.")
	require.Equal(t, fsm.Open, d.status())
	require.Equal(t, router.ReasonBotEmpty, d.handoff().Reason)
}
