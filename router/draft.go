package router

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"relevo/router/fault"
)

const (
	maxContent    = 150_000 // runes of a message
	maxAttributes = 64 << 10
	maxNameOfOurs = 255 // bytes of an echo or source id
)

// errRepeated says that a message with this echo or source id is there.
var errRepeated = errors.New("message is stored already")

// check refuses what cannot be stored as a message.
func (d Draft) check() error {
	switch {
	case strings.ContainsRune(d.Content, 0):
		return fault.Invalid.Field("nul_byte", "content")
	case !utf8.ValidString(d.Content):
		return fault.Invalid.Field("not_utf8", "content")
	case utf8.RuneCountInString(d.Content) > maxContent:
		return fault.Invalid.Field(fault.Limit("too_long", maxContent), "content")
	case d.ContentType != "" && !slices.Contains(ContentTypes, d.ContentType):
		return fault.Invalid.Field("unknown_content_type", "content_type")
	case strings.TrimSpace(d.Content) == "" && len(d.Files) == 0 && (d.ContentType == "" || d.ContentType == "text"):
		return fault.Invalid.Field("blank", "content")
	case slices.Contains(withItems, d.ContentType) && !d.hasItems():
		return fault.Invalid.Field("without_items", "content_attributes")
	}
	for field, name := range map[string]string{"echo_id": d.EchoID, "source_id": d.SourceID} {
		switch {
		case len(name) > maxNameOfOurs:
			return fault.Invalid.Field(fault.Limit("too_large", maxNameOfOurs), field)
		case strings.ContainsRune(name, 0):
			return fault.Invalid.Field("nul_byte", field)
		case !utf8.ValidString(name):
			return fault.Invalid.Field("not_utf8", field)
		}
	}
	return d.ContentAttributes.check("content_attributes")
}

// withItems are the content types that show nothing without their items.
var withItems = []string{"input_select", "cards", "form", "article"}

func (d Draft) hasItems() bool {
	items, _ := d.ContentAttributes["items"].([]any)
	return len(items) > 0
}

// check refuses attributes that are too large or cannot be JSON.
func (a Attributes) check(name string) error {
	b, err := json.Marshal(map[string]any(a))
	switch {
	case err != nil:
		return fault.Invalid.Field("not_an_object", name).Wrap(err)
	case len(b) > maxAttributes:
		return fault.Invalid.Field(fault.Limit("too_large", maxAttributes), name)
	case strings.Contains(strings.ReplaceAll(string(b), `\\`, ""), `\u0000`): // not the six letters themselves
		return fault.Invalid.Field("nul_byte", name)
	}
	return nil
}

// reserved are the attributes that the router alone gives a message.
var reserved = []string{deletedMark, "activity", "handoff", "external_error"}

// message turns d into a row of the given sender.
func (d Draft) message(t MessageType, from Actor) Message {
	m := Message{MessageType: t, Content: d.Content, ContentType: d.ContentType, ContentAttributes: d.ContentAttributes,
		Private: d.Private, SenderType: from.Kind, SenderID: from.ID, Attachments: d.kept}
	for _, ours := range reserved {
		if _, forged := m.ContentAttributes[ours]; forged {
			m.ContentAttributes = m.ContentAttributes.with(Attributes{ours: nil})
		}
	}
	if d.EchoID != "" {
		m.EchoID = &d.EchoID
	}
	if d.SourceID != "" {
		m.SourceID = &d.SourceID
	}
	if d.EchoID != "" || d.SourceID != "" {
		hash := d.hash()
		m.BodyHash = &hash
	}
	return m
}

// hash tells a repeated message from another one under the same name.
func (d Draft) hash() string {
	h := sha256.New()
	attributes, _ := json.Marshal(d.ContentAttributes) // checked before
	fmt.Fprintf(h, "%d:%s|%s|%s|%t", len(d.Content), d.Content, d.ContentType, attributes, d.Private)
	for _, a := range d.kept {
		fmt.Fprintf(h, "|%s", a.sum)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// repeated returns the message that was stored under d's echo or source id.
func (r *Router) repeated(ctx context.Context, c *Conversation, from Actor, d Draft) (*Message, error) {
	m, err := d.stored(r.db.Read().WithContext(ctx), c, from)
	switch {
	case err != nil:
		return nil, err
	case m.ID == 0 || m.ConversationID != c.ID || m.BodyHash == nil || *m.BodyHash != d.hash():
		return nil, fault.EchoConflict
	}
	return m, attach(r.db.Read().WithContext(ctx), []*Message{m})
}

// stored reads the message that was stored under d's echo or source id; its id
// is 0 where there is none.
func (d Draft) stored(db *gorm.DB, c *Conversation, from Actor) (*Message, error) {
	var m Message
	err := db.Raw(`SELECT * FROM messages
		WHERE (conversation_id = ? AND sender_type = ? AND sender_id = ? AND echo_id = ? AND echo_id <> '')
		   OR (inbox_id = ? AND source_id = ? AND source_id <> '') ORDER BY id LIMIT 1`,
		c.ID, string(from.Kind), from.ID, d.EchoID, c.InboxID, d.SourceID).Scan(&m).Error
	if err != nil {
		return nil, fmt.Errorf("find repeated message: %w", err)
	}
	return &m, nil
}

// unlessStored returns err, or, where it is fault.Stale and the message is
// there already, errRepeated: what made the version grow may have been the
// message itself, when it was sent the first time.
func (ch *change) unlessStored(err error, from Actor, d Draft) error {
	if !errors.Is(err, fault.Stale) {
		return err
	}
	return ch.unlessSaid(err, from, d)
}

// unlessSaid returns err, or errRepeated where the message is there already.
func (ch *change) unlessSaid(err error, from Actor, d Draft) error {
	if d.EchoID == "" && d.SourceID == "" {
		return err
	}
	m, failed := d.stored(ch.tx, ch.c, from)
	switch {
	case failed != nil:
		return failed
	case m.ID == 0:
		return err
	}
	ch.sender = from
	return errRepeated
}
