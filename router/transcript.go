package router

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"relevo/fsm"
	"relevo/router/address"
	"relevo/router/fault"
	"relevo/router/jobs"
	"relevo/router/mail"
	"relevo/router/store"
)

// How many transcripts may be asked for within an hour: so that nobody's
// mailbox is filled by somebody who knows its address. What customers ask for
// is limited more: who they are, nobody knows.
const (
	transcriptWindow            = time.Hour
	transcriptsToOneReader      = 30
	transcriptsOfOne            = 10 // conversation
	customersTranscriptsToOne   = 5
	customersTranscriptsOfOne   = 3
	customersTranscriptsOfInbox = 200
)

// transcriptKind is what a key of a transcript is for.
const transcriptKind = "transcript"

// transcriptMail is the job of sending a transcript.
type transcriptMail struct {
	Mail         int64  `json:"mail"`
	Conversation int64  `json:"conversation_id"`
	To           string `json:"to"`
}

// Kind implements jobs.Job.
func (transcriptMail) Kind() string { return "transcript" }

// SendTranscript sends what customers and those who answer said up to now to
// an address, whoever's it is. fault.NoMail says that no mail is configured,
// fault.TooManyTranscripts that the address or the conversation had enough for now. With
// by.Once it is sent once.
func (r *Router) SendTranscript(ctx context.Context, by By, id int64, email string) error {
	email = strings.TrimSpace(email)
	if whole, ok := address.Parse(email); ok {
		email = whole
	}
	lock := func(ch *change) error {
		if before, err := r.onceMade(ch.tx, by, transcriptKind); err != nil || before != 0 {
			return err
		}
		return byID(id)(ch)
	}
	_, err := r.change(ctx, lock, func(ch *change) error {
		if err := ch.permit(by); err != nil {
			return err
		}
		if err := r.remember(ch.tx, by, transcriptKind, id); err != nil {
			return err
		}
		if err := ch.sendTranscript(email, false); err != nil {
			return err
		}
		return ch.note("transcript.agent", map[string]any{"agent": by.Actor.Name, "email": email}, nil)
	})
	return err
}

// SendVisitorTranscript sends a visitor the transcript of a resolved
// conversation and returns to where: to the address that is known of him,
// else to email, which is known from then on. An address that no mail can be sent
// to is as good as none. Asked once more with the same key, it is sent once.
func (r *Router) SendVisitorTranscript(ctx context.Context, inbox *Inbox, sourceID string, id int64, email string, once Once) (to string, err error) {
	email = strings.ToLower(strings.TrimSpace(email))
	var who listener
	var learned bool
	do := func(ch *change) error {
		if err := mayAskForTranscript(ch.c, who); err != nil {
			return err
		}
		if before, err := ch.askedBefore(once); err != nil || before {
			to = who.contact.Email
			return err
		}
		known := who.contact.Email
		if !mail.CheckAddress(known) {
			known = "" // from before such addresses were refused: no mail gets there
		}
		learned = known == ""
		if to, err = whereTo(known, email); err != nil {
			return err
		}
		if err := ch.sendTranscript(to, true); err != nil {
			return err
		}
		if learned {
			if err := ch.writeContact(ContactDraft{Email: &to}); err != nil {
				return err
			}
		}
		line := ch.activity("transcript.customer", map[string]any{"customer": ch.contactName(), "email": to}, nil)
		if once.Key != "" {
			line.EchoID, line.BodyHash = once.echo(), &once.Hash
		}
		_, err := ch.say(line)
		return err
	}
	for {
		_, err = r.change(ctx, byVisitorWithContact(inbox, sourceID, id, &who), do)
		if !errors.Is(err, errContactMoved) {
			break
		}
	}
	return to, err
}

// echo marks the line that tells of what a visitor's key asked for.
func (o Once) echo() *string {
	sum := sha256.Sum256([]byte(o.Key))
	mark := transcriptKind + ":" + hex.EncodeToString(sum[:])
	return &mark
}

// askedBefore reports whether a visitor's key asked for the transcript before:
// the line that says so is marked with it.
func (ch *change) askedBefore(once Once) (bool, error) {
	if once.Key == "" {
		return false, nil
	}
	var line Message
	found, err := store.Take(ch.tx, &line, "SELECT * FROM messages WHERE conversation_id = ? AND sender_type = ? AND echo_id = ?",
		ch.c.ID, string(KindSystem), *once.echo())
	if err != nil {
		return false, fmt.Errorf("transcript asked for before: %w", err)
	}
	if found && (line.BodyHash == nil || *line.BodyHash != once.Hash) {
		return false, fault.KeyConflict
	}
	return found, nil
}

func mayAskForTranscript(c *Conversation, who listener) error {
	switch {
	case c.Status != fsm.Resolved:
		return fault.NotAllowed.With("status", string(c.Status))
	case who.Blocked:
		return fault.Forbidden
	}
	return nil
}

// whereTo settles where a visitor's transcript goes. An address that is known
// is not replaced by one that is typed here.
func whereTo(known, typed string) (string, error) {
	switch {
	case known == "" && typed == "":
		return "", fault.Invalid.Field("required", "email")
	case known == "":
		return typed, nil
	case typed != "" && typed != known:
		return "", fault.Invalid.Field("not_allowed", "email")
	}
	return known, nil
}

// sendTranscript stores the mail and its job, unless there were enough.
func (ch *change) sendTranscript(to string, byCustomer bool) error {
	switch {
	case to == "":
		return fault.Invalid.Field("required", "email")
	case !mail.CheckAddress(to):
		return fault.Invalid.Field("not_an_email", "email")
	case !ch.r.SendsMail():
		return fault.NoMail
	}
	m := outgoing{Kind: "transcript", Recipient: to, Reader: mail.SameReader(to), ByCustomer: byCustomer, ToSeq: ch.c.Seq}
	if err := ch.limitTranscripts(&m); err != nil {
		return err
	}
	if err := ch.post(&m); err != nil {
		return err
	}
	ch.later = append(ch.later, jobs.Entry{Job: transcriptMail{Mail: m.ID, Conversation: ch.c.ID, To: to}})
	return nil
}

// transcriptLimit is how many transcripts there may be within an hour of those
// whose column has that value.
type transcriptLimit struct {
	most  int
	where string
	what  any
}

// limitTranscripts counts what was asked for within the last hour, on all
// nodes. Whoever asks for the same reader, or for the same inbox, at the same
// time waits, so that they count each other.
func (ch *change) limitTranscripts(m *outgoing) error {
	names := []string{"transcripts to " + m.Reader}
	limits := []transcriptLimit{{transcriptsToOneReader, "reader = ?", m.Reader}, {transcriptsOfOne, "conversation_id = ?", ch.c.ID}}
	if m.ByCustomer {
		names = append(names, fmt.Sprintf("transcripts of inbox %d", ch.c.InboxID)) // always after the reader
		limits = append(limits, transcriptLimit{customersTranscriptsToOne, "by_customer AND reader = ?", m.Reader},
			transcriptLimit{customersTranscriptsOfOne, "by_customer AND conversation_id = ?", ch.c.ID},
			transcriptLimit{customersTranscriptsOfInbox, "by_customer AND inbox_id = ?", ch.c.InboxID})
	}
	for _, name := range names {
		if err := ch.r.db.LockName(ch.tx, name); err != nil {
			return err
		}
	}
	var wait time.Duration
	for _, l := range limits {
		w, err := ch.waitFor(l)
		if err != nil {
			return err
		}
		wait = max(wait, w)
	}
	if wait > 0 {
		return fault.TooManyTranscripts.With("seconds", int(math.Ceil(wait.Seconds())))
	}
	return nil
}

// waitFor is how long it takes until one more transcript is within the limit.
func (ch *change) waitFor(l transcriptLimit) (time.Duration, error) {
	var full outgoing // with this one and the later ones
	reached, err := store.Take(ch.tx, &full, "SELECT * FROM mails WHERE kind = 'transcript' AND created_at > ? AND "+l.where+
		" ORDER BY created_at DESC LIMIT 1 OFFSET ?", ch.now.Add(-transcriptWindow), l.what, l.most-1)
	if err != nil {
		return 0, fmt.Errorf("count transcripts: %w", err)
	}
	if !reached {
		return 0, nil
	}
	return full.CreatedAt.Add(transcriptWindow).Sub(ch.now), nil
}

// byVisitorWithContact locks a visitor's contact before a conversation of his.
func byVisitorWithContact(inbox *Inbox, sourceID string, id int64, who *listener) locker {
	return func(ch *change) error {
		v, err := findVisitor(ch.tx, inbox, sourceID, "")
		if err != nil {
			return err
		}
		var locked int64
		err = ch.tx.Raw("SELECT id FROM contacts WHERE id = ?"+ch.r.db.ForUpdate(false), v.Contact.ID).Scan(&locked).Error
		if err != nil {
			return fmt.Errorf("lock contact %d: %w", v.Contact.ID, err)
		}
		if err := byVisitor(inbox, sourceID, id, who)(ch); err != nil {
			return err
		}
		if ch.c.ContactID != v.Contact.ID {
			return errContactMoved
		}
		return nil
	}
}
