package router

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"relevo/fsm"
	"relevo/router/fault"
	"relevo/router/mail"
	"relevo/router/texts"
)

// What a transcript holds at most, from the end of the conversation.
const (
	transcriptMessages = 2000
	transcriptBytes    = 1 << 20 // of what was said
)

// Transcript returns what customers and those who answer said so far, as a
// page of HTML.
func (r *Router) Transcript(ctx context.Context, by By, id int64) ([]byte, error) {
	v, err := r.Conversation(ctx, by, id)
	if err != nil {
		return nil, err
	}
	return r.transcriptPage(ctx, v)
}

// VisitorTranscript is Transcript for the visitor, once the conversation is
// resolved.
func (r *Router) VisitorTranscript(ctx context.Context, inbox *Inbox, sourceID string, id int64) ([]byte, error) {
	v, err := r.VisitorConversation(ctx, inbox, sourceID, id)
	if err != nil {
		return nil, err
	}
	if v.Conversation.Status != fsm.Resolved {
		return nil, fault.NotAllowed.With("status", string(v.Conversation.Status))
	}
	return r.transcriptPage(ctx, v)
}

func (r *Router) transcriptPage(ctx context.Context, v *View) ([]byte, error) {
	thread, err := r.paperThread(ctx, &v.Conversation, v.Inbox, v.Conversation.Seq)
	if err != nil {
		return nil, err
	}
	return thread.Page()
}

func (r *Router) transcriptLetter(ctx context.Context, m *outgoing, c *Conversation, inbox *Inbox) (mail.Letter, error) {
	thread, err := r.paperThread(ctx, c, inbox, m.ToSeq)
	if err != nil {
		return mail.Letter{}, err
	}
	l := mail.Letter{Date: m.CreatedAt, Language: thread.Language}
	l.To.Address = m.Recipient
	from, replyTo := r.senderOf(inbox)
	l.ReplyTo = replyTo
	r.address(&l, m, c, from)
	l.Content, err = thread.Mail()
	return l, err
}

// paperThread reads a conversation up to a message, as its customer sees it:
// no notes, no activity lines, nothing that was deleted; and none of what is
// asked of them in a box, since a box cannot be filled on paper, and the way to
// the survey is the customer's own.
func (r *Router) paperThread(ctx context.Context, c *Conversation, inbox *Inbox, toSeq int64) (mail.Thread, error) {
	db := r.db.Read().WithContext(ctx)
	var contact Contact
	if err := db.Raw("SELECT * FROM contacts WHERE id = ?", c.ContactID).Scan(&contact).Error; err != nil {
		return mail.Thread{}, fmt.Errorf("contact %d: %w", c.ContactID, err)
	}
	locale := inbox.Settings.Locale
	thread := mail.Thread{Language: locale, Inbox: inbox.Name, Number: c.ID, Zone: inbox.Settings.Location(),
		Customer: cmp.Or(contact.Name, texts.Say(locale, "name.customer", nil))}
	said, cut, err := r.lastWords(db, c.ID, toSeq)
	if err != nil {
		return thread, err
	}
	thread.Cut = cut
	agents, contacts, err := r.Senders(ctx, said)
	if err != nil {
		return thread, err
	}
	bots, err := r.AgentBotNames(ctx, said)
	if err != nil {
		return thread, err
	}
	for _, m := range said {
		w := mail.Word{At: m.CreatedAt, Mine: m.MessageType == Incoming, Text: m.Shown(locale), Choices: choicesOf(m), Files: r.filesOf(m)}
		switch {
		case m.SenderType == KindAgent && agents[m.SenderID] != nil:
			w.Who = agents[m.SenderID].AvailableName()
		case m.SenderType == KindContact:
			w.Who = texts.Say(locale, "mail.transcript.customer", nil)
			if known := contacts[m.SenderID]; known != nil {
				w.Who = cmp.Or(known.Name, w.Who)
			}
		case m.SenderType == KindBot:
			w.Who = cmp.Or(bots[m.SenderID], texts.Say(locale, "bot.name", nil))
		default:
			w.Who = inbox.Name
		}
		if w.Text != "" || len(w.Choices)+len(w.Files) > 0 {
			thread.Words = append(thread.Words, w)
		}
	}
	return thread, nil
}

// lastWords returns what the customer sees of a conversation, up to a message,
// in order; cut says that the first of it is left out.
func (r *Router) lastWords(db *gorm.DB, id, toSeq int64) (said []*Message, cut bool, err error) {
	err = db.Raw("SELECT * FROM messages m WHERE m.conversation_id = ? AND m.seq <= ?"+public+" AND m.content_type NOT IN ? ORDER BY m.seq DESC LIMIT ?",
		id, toSeq, []string{emailBoxType, surveyType}, transcriptMessages+1).Scan(&said).Error
	if err != nil {
		return nil, false, fmt.Errorf("messages of conversation %d: %w", id, err)
	}
	if len(said) > transcriptMessages {
		said, cut = said[:transcriptMessages], true
	}
	size := 0
	for i, m := range said {
		if size += len(m.Content); size > transcriptBytes && i > 0 {
			said, cut = said[:i], true
			break
		}
	}
	slices.Reverse(said)
	return said, cut, attach(db, said)
}

// choicesOf returns the titles that a message lets the customer choose from.
func choicesOf(m *Message) []string {
	items, _ := m.ContentAttributes["items"].([]any)
	var titles []string
	for _, item := range items {
		one, _ := item.(map[string]any)
		if title, _ := one["title"].(string); title != "" {
			titles = append(titles, title)
		}
	}
	return titles
}

func (r *Router) filesOf(m *Message) []mail.File {
	var out []mail.File
	for _, a := range m.Attachments {
		f := mail.File{Name: a.FileName}
		if r.opts.PublicURL != "" {
			f.URL = r.opts.PublicURL + a.Path()
		}
		out = append(out, f)
	}
	return out
}
