package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"relevo/config"
	"relevo/fsm"
	"relevo/router"
	"relevo/router/texts"
)

func (a *app) flowCommand() *cobra.Command {
	o := chatOptions{agents: map[string]string{}}
	chat := &cobra.Command{
		Use:   "chat",
		Short: "Talk to a flow in the terminal: the real router and flow, offline",
		Long: "Talk to a flow in the terminal. The real router runs on a database of its own that is\n" +
			"thrown away; the flow's Dialogflow agents are emulated from their exports (the bot's\n" +
			"emulator setting, or --agent NAME=PATH), unless --online asks the real ones.\n\n" +
			"Every line is a word of the customer. /agent TEXT answers as a person, /pending gives\n" +
			"the conversation back to the bot, /resolve ends it, /quit leaves.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			load := a.load
			if o.demo {
				load = a.loadDemo
			}
			c, err := load()
			if err != nil {
				return err
			}
			return a.chat(cmd.Context(), c, o)
		},
	}
	chat.Flags().StringVar(&o.inbox, "inbox", "", "identifier of the inbox (default: the first with a bot)")
	chat.Flags().StringToStringVar(&o.agents, "agent", nil, "bot=PATH of an exported agent to emulate it with")
	chat.Flags().BoolVar(&o.online, "online", false, "ask the real Dialogflow agents")
	chat.Flags().BoolVar(&o.demo, "demo", false, "talk to the demonstration's flow")
	parent := &cobra.Command{Use: "flow", Short: "Work on flows"}
	parent.AddCommand(chat)
	return parent
}

type chatOptions struct {
	inbox        string
	agents       map[string]string
	online, demo bool
}

// chat is one conversation in the terminal.
func (a *app) chat(ctx context.Context, c *config.Config, o chatOptions) error {
	if err := o.prepare(c); err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "relevo-chat-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	c.Database = config.Database{Driver: config.SQLite, Path: filepath.Join(folder, "chat.db"), MaxConnections: 2}
	c.Log.Level = "error"
	s, _, err := start(ctx, c, newLogger(c.Log, a.problems))
	if err != nil {
		return err
	}
	defer func() { _ = s.close() }()

	t, err := newTerminal(ctx, a, s.router, o.inbox)
	if err != nil {
		return err
	}
	return t.talk(ctx)
}

// prepare picks the inbox and sees to it that nothing but emulators is asked,
// unless the real agents are wanted. The bot answers without a pause, as there
// is one line at a time.
func (o *chatOptions) prepare(c *config.Config) error {
	for i := range c.Inboxes {
		c.Inboxes[i].Debounce = config.Debounce{}
		if o.inbox == "" && c.Inboxes[i].Bot != "" {
			o.inbox = c.Inboxes[i].Identifier
		}
	}
	chosen := c.Inbox(o.inbox)
	switch {
	case o.inbox == "":
		return errors.New("no inbox of the configuration has a bot to talk to")
	case chosen == nil:
		return fmt.Errorf("the configuration has no inbox %q", o.inbox)
	case chosen.Bot == "":
		return fmt.Errorf("the inbox %q has no bot", o.inbox)
	}
	for name, path := range o.agents {
		b := c.Bot(name)
		if b == nil {
			return fmt.Errorf("--agent: the configuration has no bot %q", name)
		}
		b.Emulator, b.Endpoint = path, ""
	}
	for _, b := range c.Bots {
		if !o.online && b.Emulator == "" && b.Endpoint == "" {
			return fmt.Errorf("bot %q has no emulator: give its export with --agent %s=PATH, or ask the real one with --online", b.Name, b.Name)
		}
	}
	return nil
}

// terminal is the customer and the person at once.
type terminal struct {
	app     *app
	router  *router.Router
	inbox   *router.Inbox
	visitor *router.Visitor
	person  router.By
	id      int64 // of the conversation
	shown   int64 // the last message that was printed
}

func newTerminal(ctx context.Context, a *app, r *router.Router, inbox string) (*terminal, error) {
	i, err := r.InboxByIdentifier(ctx, inbox)
	if err != nil {
		return nil, err
	}
	v, err := r.CreateVisitor(ctx, i, "", router.ContactDraft{})
	if err != nil {
		return nil, err
	}
	person, err := r.AddAgent(ctx, router.Agent{Name: texts.Say(i.Settings.Locale, "chat.person", nil),
		Email: "person@example.com", Role: router.RoleAdministrator}, "chat", nil)
	if err != nil {
		return nil, err
	}
	return &terminal{app: a, router: r, inbox: i, visitor: v,
		person: router.By{Actor: router.ActorFor(person), Scope: router.Scope{All: true}}}, nil
}

func (t *terminal) talk(ctx context.Context) error {
	fmt.Fprintln(t.app.out, texts.Say(t.inbox.Settings.Locale, "chat.help", nil))
	lines := bufio.NewScanner(t.app.in)
	for t.prompt(); lines.Scan() && ctx.Err() == nil; t.prompt() {
		line := strings.TrimSpace(lines.Text())
		if line == "/quit" {
			return nil
		}
		if err := t.do(ctx, line); err != nil {
			fmt.Fprintln(t.app.out, "!", sentence(err))
		}
		if err := t.answer(ctx); err != nil {
			return err
		}
	}
	fmt.Fprintln(t.app.out)
	return lines.Err()
}

// prompt asks for a line; where lines come from a file there is nobody to ask.
func (t *terminal) prompt() {
	if f, ok := t.app.in.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			fmt.Fprint(t.app.out, "> ")
		}
	}
}

// do takes one line: a word of the customer, or what the person does.
func (t *terminal) do(ctx context.Context, line string) error {
	command, rest, _ := strings.Cut(line, " ")
	var err error
	switch {
	case line == "":
	case !strings.HasPrefix(line, "/"):
		var m *router.Message
		m, err = t.router.Receive(ctx, router.Inbound{Inbox: t.inbox, SourceID: t.visitor.SourceID, Draft: router.Draft{Content: line}})
		if err == nil {
			t.id = m.ConversationID
		}
	case t.id == 0:
		err = errors.New(texts.Say(t.inbox.Settings.Locale, "chat.nothing_yet", nil))
	case command == "/agent":
		_, err = t.router.Reply(ctx, t.person, t.id, router.Draft{Content: rest})
	case command == "/pending":
		_, err = t.router.MarkPending(ctx, t.person, t.id)
	case command == "/resolve":
		_, err = t.router.Resolve(ctx, t.person, t.id)
	default:
		err = errors.New(texts.Say(t.inbox.Settings.Locale, "chat.unknown_command", nil))
	}
	return err
}

// answer attends what is due and prints what was said since the last time.
func (t *terminal) answer(ctx context.Context) error {
	for {
		attended, err := t.router.Sweep(ctx)
		if err != nil {
			return err
		}
		if attended == 0 {
			break
		}
	}
	if t.id == 0 {
		return nil
	}
	messages, err := t.router.Messages(ctx, t.person, t.id, router.MessagePage{After: &t.shown})
	if err != nil {
		return err
	}
	for _, m := range messages {
		if m.ID <= t.shown {
			continue
		}
		t.shown = m.ID
		switch {
		case m.MessageType == router.Activity:
			fmt.Fprintf(t.app.out, "  · %s\n", m.Content)
		case m.MessageType != router.Incoming:
			fmt.Fprintf(t.app.out, "  %s%s\n", m.Content, choices(m))
		}
	}
	v, err := t.router.Conversation(ctx, t.person, t.id)
	if err != nil {
		return err
	}
	if v.Conversation.Status != fsm.Pending {
		fmt.Fprintf(t.app.out, "  [%s]\n", texts.Say(t.inbox.Settings.Locale, "status."+string(v.Conversation.Status), nil))
	}
	return nil
}

// choices lists what a message offers to click, to be typed here.
func choices(m *router.Message) string {
	items, _ := m.ContentAttributes["items"].([]any)
	var titles []string
	for _, item := range items {
		if i, ok := item.(map[string]any); ok {
			titles = append(titles, fmt.Sprint(i["title"]))
		}
	}
	if len(titles) == 0 {
		return ""
	}
	return " [" + strings.Join(titles, " | ") + "]"
}
