package router

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"relevo/router/fault"
)

const (
	maxSourceID       = 255
	minWidgetSourceID = 20 // characters
	maxContactText    = 255
)

// errMadeMeanwhile says that somebody else made the same visitor or contact
// between the look and the write.
var errMadeMeanwhile = errors.New("made by somebody else meanwhile")

// visitorRow is a visitor as it is read: the contact, and beside it the door.
type visitorRow struct {
	Contact
	VisitorID   int64
	InboxID     int64
	SourceID    string
	PubsubToken string
}

const selectVisitor = `SELECT p.*, v.id AS visitor_id, v.inbox_id, v.source_id, v.pubsub_token
	FROM contact_inboxes v JOIN contacts p ON p.id = v.contact_id`

func (v visitorRow) visitor() *Visitor {
	return &Visitor{ID: v.VisitorID, InboxID: v.InboxID, SourceID: v.SourceID, PubsubToken: v.PubsubToken, Contact: v.Contact}
}

// Visitor returns the visitor that sourceID is the token of.
func (r *Router) Visitor(ctx context.Context, inbox *Inbox, sourceID string) (*Visitor, error) {
	return findVisitor(r.db.Read().WithContext(ctx), inbox, sourceID, "")
}

func findVisitor(db *gorm.DB, inbox *Inbox, sourceID, lock string) (*Visitor, error) {
	var row visitorRow
	err := db.Raw(selectVisitor+" WHERE v.inbox_id = ? AND v.source_id = ?"+lock, inbox.ID, sourceID).Scan(&row).Error
	if err != nil {
		return nil, fmt.Errorf("visitor: %w", err)
	}
	if row.VisitorID == 0 {
		return nil, fault.NotFound
	}
	return row.visitor(), nil
}

// lockVisitor serialises first contact: two tabs, or a create sent again, make
// one conversation.
func (ch *change) lockVisitor(inbox *Inbox, sourceID string) (*Visitor, error) {
	lock := ch.r.db.ForUpdate(false)
	if lock != "" {
		lock += " OF v"
	}
	for try := 1; ; try++ {
		v, err := findVisitor(ch.tx, inbox, sourceID, lock)
		if try == movedAway || !errors.Is(err, fault.NotFound) {
			return v, err
		}
	}
}

// movedAway: where PostgreSQL has waited for a row's lock and the row has
// changed meanwhile, it looks at the joined rows as they were. Of a visitor
// whose contact was merged in that moment it then finds nothing; the same
// statement once more, with a newer view, finds what is there now.
const movedAway = 2 // times that such a statement is run

// CreateVisitor makes a visitor of an inbox, with a contact of his own. An
// empty sourceID is drawn at random; one that exists returns that visitor, so
// that a connector may send its create twice. A contact with the same
// Identifier (the business's own id) is the same customer; an e-mail or a
// telephone number never makes two visitors one.
func (r *Router) CreateVisitor(ctx context.Context, inbox *Inbox, sourceID string, d ContactDraft) (*Visitor, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	if sourceID == "" {
		sourceID = uuid.NewString()
	}
	if err := checkSourceID(inbox, sourceID); err != nil {
		return nil, err
	}
	var v *Visitor
	create := func(tx *gorm.DB) (err error) {
		if v, err = findVisitor(tx, inbox, sourceID, ""); err == nil || !errors.Is(err, fault.NotFound) {
			return err
		}
		contact, err := r.contactFor(tx, d)
		if err != nil {
			return err
		}
		v = &Visitor{InboxID: inbox.ID, SourceID: sourceID, PubsubToken: uuid.NewString(), Contact: *contact}
		err = tx.Raw(`INSERT INTO contact_inboxes (contact_id, inbox_id, source_id, pubsub_token, created_at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (inbox_id, source_id) DO NOTHING RETURNING id`, contact.ID, inbox.ID, v.SourceID, v.PubsubToken, r.now()).Scan(&v.ID).Error
		if err == nil && v.ID == 0 {
			return errMadeMeanwhile
		}
		return err
	}
	err := r.db.Tx(ctx, create)
	if errors.Is(err, errMadeMeanwhile) { // now it is there to be found
		err = r.db.Tx(ctx, create)
	}
	if err != nil {
		return nil, fmt.Errorf("create visitor: %w", err)
	}
	return v, nil
}

// ConnectContact makes a known contact a visitor of an inbox, as a connector
// does before it brings their words. The same sourceID again returns that
// visitor; another contact's is fault.Taken.
func (r *Router) ConnectContact(ctx context.Context, inbox *Inbox, contactID int64, sourceID string) (*Visitor, error) {
	contact, err := r.Contact(ctx, contactID)
	if err != nil {
		return nil, err
	}
	var v *Visitor
	err = r.db.Tx(ctx, func(tx *gorm.DB) (err error) {
		v, err = r.connect(tx, inbox, contact.ID, sourceID)
		return err
	})
	if errors.Is(err, gorm.ErrForeignKeyViolated) { // removed, or merged, at this moment
		return nil, fault.NotFound
	}
	return v, err
}

func (r *Router) connect(tx *gorm.DB, inbox *Inbox, contactID int64, sourceID string) (*Visitor, error) {
	if sourceID == "" {
		sourceID = uuid.NewString()
	}
	if err := checkSourceID(inbox, sourceID); err != nil {
		return nil, err
	}
	err := tx.Exec(`INSERT INTO contact_inboxes (contact_id, inbox_id, source_id, pubsub_token, created_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (inbox_id, source_id) DO NOTHING`, contactID, inbox.ID, sourceID, uuid.NewString(), r.now()).Error
	if err != nil {
		return nil, fmt.Errorf("connect contact %d: %w", contactID, err)
	}
	v, err := findVisitor(tx, inbox, sourceID, "")
	if err == nil && v.Contact.ID != contactID {
		err = fault.Taken.Field("taken", "source_id")
	}
	return v, err
}

// sourceIDs are what a connector may call a visitor: it stands in addresses.
var sourceIDs = regexp.MustCompile(`^[A-Za-z0-9_+@:=-][A-Za-z0-9_+@:=.-]*$`)

// checkSourceID refuses what cannot stand in an address and, where browsers
// come in, what could be guessed: there the source id is all that keeps a
// visitor's conversations his own.
func checkSourceID(inbox *Inbox, sourceID string) error {
	switch {
	case len(sourceID) > maxSourceID:
		return fault.Invalid.Field(fault.Limit("too_large", maxSourceID), "source_id")
	case !sourceIDs.MatchString(sourceID):
		return fault.Invalid.Field("bad_character", "source_id")
	case inbox.Channel == "web_widget" && len(sourceID) < minWidgetSourceID:
		return fault.Invalid.Field(fault.Limit("too_short", minWidgetSourceID), "source_id")
	}
	return nil
}

// contactFor returns the contact with d's identifier, or a new one.
func (r *Router) contactFor(tx *gorm.DB, d ContactDraft) (*Contact, error) {
	now := r.now()
	if d.Identifier != nil && *d.Identifier != "" {
		var c Contact
		if err := tx.Raw("SELECT * FROM contacts WHERE identifier = ?"+r.db.ForUpdate(false), *d.Identifier).Scan(&c).Error; err != nil {
			return nil, err
		}
		if c.ID != 0 {
			return &c, r.updateContact(tx, &c, d)
		}
	}
	c := Contact{CreatedAt: now, UpdatedAt: now}
	d.apply(&c)
	err := tx.Raw(`INSERT INTO contacts (name, email, phone_number, identifier, blocked, custom_attributes, additional_attributes, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (identifier) DO NOTHING RETURNING id`, c.Name, c.Email, c.PhoneNumber, c.Identifier, false,
		c.CustomAttributes, c.AdditionalAttributes, now, now).Scan(&c.ID).Error
	switch {
	case err != nil:
		return nil, err
	case c.ID == 0:
		return nil, errMadeMeanwhile
	}
	return &c, r.tellContactCreated(tx, &c)
}

// UpdateVisitor writes what a visitor says of himself on his own contact. Who
// is one customer of the business does not become another, who would take over
// everything that is known of the first: that is fault.OtherPerson.
func (r *Router) UpdateVisitor(ctx context.Context, inbox *Inbox, sourceID string, d ContactDraft) (*Visitor, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	var v *Visitor
	err := r.db.Tx(ctx, func(tx *gorm.DB) (err error) {
		lock := r.db.ForUpdate(false)
		if lock != "" {
			lock += " OF p"
		}
		if v, err = findVisitor(tx, inbox, sourceID, lock); err != nil {
			return err
		}
		if v.Contact.isAnother(d.Identifier) {
			return fault.OtherPerson.Field("", "identifier")
		}
		return r.updateContact(tx, &v.Contact, d)
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return nil, fault.Taken.Field("taken", "identifier")
	}
	if err != nil {
		return nil, err
	}
	return v, nil
}

// isAnother reports whether c is a customer of the business, and not the one of
// this identifier.
func (c *Contact) isAnother(identifier *string) bool {
	return identifier != nil && *identifier != "" && c.Identifier != nil && *c.Identifier != "" && *c.Identifier != *identifier
}

// updateContact puts d into c and stores it.
func (r *Router) updateContact(tx *gorm.DB, c *Contact, d ContactDraft) error {
	was := *c
	d.apply(c)
	return r.saveContact(tx, &was, c)
}

// saveContact stores what may be said of a contact that was as it is in was,
// if anything is different.
func (r *Router) saveContact(tx *gorm.DB, was, c *Contact) error {
	if len(contactAlterations(was, c)) == 0 {
		return nil
	}
	c.UpdatedAt = r.now()
	err := tx.Exec("UPDATE contacts SET name = ?, email = ?, phone_number = ?, identifier = ?, custom_attributes = ?, updated_at = ? WHERE id = ?",
		c.Name, c.Email, c.PhoneNumber, c.Identifier, c.CustomAttributes, c.UpdatedAt, c.ID).Error
	if err != nil {
		return fmt.Errorf("save contact %d: %w", c.ID, err)
	}
	return r.tellContactUpdated(tx, was, c)
}

func (d ContactDraft) apply(c *Contact) {
	for _, f := range []struct {
		to   *string
		from *string
	}{{&c.Name, d.Name}, {&c.Email, d.Email}, {&c.PhoneNumber, d.PhoneNumber}} {
		if f.from != nil {
			*f.to = plainLine(*f.from)
		}
	}
	c.Email = strings.ToLower(c.Email)
	if d.Identifier != nil {
		c.Identifier = d.Identifier
		if *d.Identifier == "" {
			c.Identifier = nil
		}
	}
	c.CustomAttributes = c.CustomAttributes.with(d.CustomAttributes)
}

// plainLine makes one line of what a name may be: control characters and signs
// that turn the direction of writing would let it speak as somebody else.
func plainLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r) && r != '\u200d': // but emoji are joined with this one
			return -1
		case unicode.IsControl(r) || unicode.IsSpace(r):
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

func (d ContactDraft) check() error {
	for name, v := range map[string]*string{"name": d.Name, "email": d.Email, "phone_number": d.PhoneNumber, "identifier": d.Identifier} {
		switch {
		case v == nil:
		case strings.ContainsRune(*v, 0):
			return fault.Invalid.Field("nul_byte", name)
		case !utf8.ValidString(*v):
			return fault.Invalid.Field("not_utf8", name)
		case utf8.RuneCountInString(*v) > maxContactText:
			return fault.Invalid.Field(fault.Limit("too_long", maxContactText), name)
		}
	}
	if d.Email != nil && strings.TrimSpace(*d.Email) != "" && !isEmail(strings.TrimSpace(*d.Email)) {
		return fault.Invalid.Field("not_an_email", "email")
	}
	return d.CustomAttributes.check("custom_attributes")
}

// CustomerSaw notes that the visitor has read the conversation up to now.
func (r *Router) CustomerSaw(ctx context.Context, inbox *Inbox, sourceID string, id int64) error {
	_, err := r.change(ctx, byVisitor(inbox, sourceID, id, nil), func(ch *change) error {
		ch.c.ContactLastSeenAt, ch.read = &ch.now, &Actor{Kind: KindContact, ID: ch.c.ContactID}
		err := ch.tx.Exec(`UPDATE messages SET status = ?, updated_at = ? WHERE conversation_id = ? AND status < ? AND message_type <> ? AND NOT private`,
			int(Read), ch.now, id, int(Read), int(Incoming)).Error
		if err != nil {
			return fmt.Errorf("mark messages read: %w", err)
		}
		return nil
	})
	return err
}

// AgentSaw notes that an agent has read the conversation up to now.
func (r *Router) AgentSaw(ctx context.Context, by By, id int64) (*Conversation, error) {
	return r.change(ctx, byID(id), func(ch *change) error {
		if err := ch.permit(by); err != nil {
			return err
		}
		ch.c.AgentLastSeenAt, ch.read = &ch.now, &by.Actor
		if ch.c.AssigneeID != nil && *ch.c.AssigneeID == by.Actor.ID {
			ch.c.AssigneeLastSeenAt = &ch.now
		}
		ch.c.Unread = 0
		return ch.dropNotices(by.Actor.ID)
	})
}

// CustomerTypes tells who looks that the visitor is typing, or stopped. It is
// only passed on, never stored.
func (r *Router) CustomerTypes(ctx context.Context, inbox *Inbox, sourceID string, id int64, on bool) error {
	c, err := r.visitorRow(ctx, inbox, sourceID, id)
	if err != nil {
		return err
	}
	h := c.happened()
	h.Typing = &Typing{Who: Actor{Kind: KindContact, ID: c.ContactID}, On: on}
	r.opts.Live(h)
	return nil
}
