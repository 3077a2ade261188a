package router

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"relevo/router/fault"
)

const (
	contactPage    = 15
	maxSearch      = 255
	previousListed = 25
)

// ContactList says which contacts are wanted, 15 a page.
type ContactList struct {
	Search     string // in name, e-mail, telephone number and identifier; see contactsNamed
	Conditions []Condition
	Labels     []string
	Sort       string // "name", "email", "phone_number", "last_activity_at", "created_at"; "-" before it turns it round
	Page       int    // from 1
}

var contactOrders = map[string]string{
	"name":             "lower(p.name)",
	"email":            "p.email",
	"phone_number":     "p.phone_number",
	"last_activity_at": "coalesce(p.last_activity_at, p.created_at)",
	"created_at":       "p.created_at",
}

// Contacts lists customers. The count is exact up to 1,000; capped says that
// it stopped there.
func (r *Router) Contacts(ctx context.Context, l ContactList) (found []*Contact, count int, capped bool, err error) {
	where, args, err := r.contactsWhere(ctx, l)
	if err != nil {
		return nil, 0, false, err
	}
	direction := ""
	if strings.HasPrefix(l.Sort, "-") {
		direction = " DESC"
	}
	order, known := contactOrders[strings.TrimPrefix(l.Sort, "-")]
	if !known {
		order, direction = contactOrders["last_activity_at"], " DESC"
	}
	page := max(l.Page, 1)
	if page > maxPage {
		return nil, 0, false, fault.Invalid.Field(fault.Limit("out_of_range", 1, maxPage), "page")
	}
	db := r.db.Read().WithContext(ctx)
	if err := db.Raw("SELECT count(*) FROM (SELECT 1 FROM contacts p"+where+" LIMIT ?) AS capped", append(slices.Clone(args), countsTo+1)...).Scan(&count).Error; err != nil {
		return nil, 0, false, fmt.Errorf("count contacts: %w", err)
	}
	if count > countsTo {
		count, capped = countsTo, true
	}
	found = []*Contact{}
	err = db.Raw("SELECT p.* FROM contacts p"+where+" ORDER BY "+order+direction+", p.id"+direction+" LIMIT ? OFFSET ?",
		append(args, contactPage, (page-1)*contactPage)...).Scan(&found).Error
	if err != nil {
		return nil, 0, false, fmt.Errorf("list contacts: %w", err)
	}
	return found, count, capped, nil
}

func (r *Router) contactsWhere(ctx context.Context, l ContactList) (string, []any, error) {
	q := clauses{dialect: r.db.Dialect(), now: r.now(), attributes: contactAttributes, custom: "p.custom_attributes"}
	if err := r.define(r.db.Read().WithContext(ctx), &q, ContactAttribute, l.Conditions); err != nil {
		return "", nil, err
	}
	var conditions []string
	given, err := q.all(l.Conditions)
	if err != nil {
		return "", nil, err
	}
	if given != "" {
		conditions = append(conditions, "("+given+")")
	}
	if l.Search != "" {
		switch {
		case len(l.Search) > maxSearch:
			return "", nil, fault.Invalid.Field(fault.Limit("too_large", maxSearch), "q")
		case strings.ContainsRune(l.Search, 0):
			return "", nil, fault.Invalid.Field("nul_byte", "q")
		}
		named, args := contactsNamed(r.db.Dialect(), l.Search, contactDepth)
		conditions = append(conditions, "p.id IN ("+named+")")
		q.args = append(q.args, args...)
	}
	if len(l.Labels) > 0 {
		conditions = append(conditions, "EXISTS (SELECT 1 FROM contact_labels l WHERE l.contact_id = p.id AND l.label IN ?)")
		q.args = append(q.args, l.Labels)
	}
	if len(conditions) == 0 {
		return "", nil, nil
	}
	return " WHERE " + strings.Join(conditions, " AND "), q.args, nil
}

// Contact returns one customer.
func (r *Router) Contact(ctx context.Context, id int64) (*Contact, error) {
	var c Contact
	if err := r.db.Read().WithContext(ctx).Raw("SELECT * FROM contacts WHERE id = ?", id).Scan(&c).Error; err != nil {
		return nil, fmt.Errorf("contact %d: %w", id, err)
	}
	if c.ID == 0 {
		return nil, fault.NotFound
	}
	return &c, nil
}

// ContactVisitors lists the inboxes at which a contact is known.
func (r *Router) ContactVisitors(ctx context.Context, ids []int64) (map[int64][]Visitor, error) {
	var rows []visitorRow
	if len(ids) == 0 {
		return nil, nil
	}
	if err := r.db.Read().WithContext(ctx).Raw(selectVisitor+" WHERE v.contact_id IN ? ORDER BY v.id", ids).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("inboxes of contacts: %w", err)
	}
	out := map[int64][]Visitor{}
	for _, row := range rows {
		out[row.Contact.ID] = append(out[row.Contact.ID], *row.visitor())
	}
	return out, nil
}

// CreateContact makes a customer whom an agent or an integrator knows of. An
// e-mail, telephone number or identifier that another contact has is
// fault.Taken: here somebody vouches for it. Where at is not nil, the contact
// is a visitor of that inbox at once; see ConnectContact. What by.Once has made
// before is returned as it is now.
func (r *Router) CreateContact(ctx context.Context, by By, d ContactDraft, additional Attributes, at *Inbox, sourceID string) (*Contact, *Visitor, error) {
	if err := errors.Join(d.check(), additional.check("additional_attributes")); err != nil {
		return nil, nil, firstFault(err)
	}
	c := Contact{CreatedAt: r.now(), UpdatedAt: r.now(), AdditionalAttributes: additional}
	d.apply(&c)
	var before int64
	var v *Visitor
	err := r.db.Tx(ctx, func(tx *gorm.DB) (err error) {
		if before, err = r.onceMade(tx, by, "contact"); err != nil || before != 0 {
			return err
		}
		if err := unique(tx, c); err != nil {
			return err
		}
		err = tx.Raw(`INSERT INTO contacts (name, email, phone_number, identifier, blocked, custom_attributes, additional_attributes, created_at, updated_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, c.Name, c.Email, c.PhoneNumber, c.Identifier, false,
			c.CustomAttributes, c.AdditionalAttributes, c.CreatedAt, c.UpdatedAt).Scan(&c.ID).Error
		if err == nil && at != nil {
			v, err = r.connect(tx, at, c.ID, sourceID)
		}
		if err != nil {
			return err
		}
		if err := r.tellContactCreated(tx, &c); err != nil {
			return err
		}
		return r.remember(tx, by, "contact", c.ID)
	})
	if err == nil && before != 0 {
		return r.contactAt(ctx, before, at, sourceID)
	}
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return nil, nil, fault.Taken.Field("taken", "identifier")
	}
	if err != nil {
		return nil, nil, err
	}
	return &c, v, nil
}

// contactAt returns a contact and which visitor of an inbox, if one is named,
// it first was.
func (r *Router) contactAt(ctx context.Context, id int64, at *Inbox, sourceID string) (*Contact, *Visitor, error) {
	c, err := r.Contact(ctx, id)
	if err != nil || at == nil {
		return c, nil, err
	}
	visitors, err := r.ContactVisitors(ctx, []int64{id})
	if err != nil {
		return nil, nil, err
	}
	for _, v := range visitors[id] {
		if v.InboxID == at.ID && (sourceID == "" || v.SourceID == sourceID) {
			return c, &v, nil
		}
	}
	return nil, nil, fault.NotFound
}

// UpdateContact writes what an agent or an integrator says of a customer.
// blocked nil leaves it as it is.
func (r *Router) UpdateContact(ctx context.Context, id int64, d ContactDraft, additional Attributes, blocked *bool) (*Contact, error) {
	if err := errors.Join(d.check(), additional.check("additional_attributes")); err != nil {
		return nil, firstFault(err)
	}
	var c Contact
	err := r.db.Tx(ctx, func(tx *gorm.DB) error {
		c = Contact{}
		if err := tx.Raw("SELECT * FROM contacts WHERE id = ?"+r.db.ForUpdate(false), id).Scan(&c).Error; err != nil {
			return fmt.Errorf("contact %d: %w", id, err)
		}
		if c.ID == 0 {
			return fault.NotFound
		}
		if d.Email != nil || d.PhoneNumber != nil {
			changed := c
			d.apply(&changed)
			if err := unique(tx, changed); err != nil {
				return err
			}
		}
		was := c
		c.AdditionalAttributes = c.AdditionalAttributes.with(additional)
		if blocked != nil {
			c.Blocked = *blocked
		}
		err := tx.Exec("UPDATE contacts SET blocked = ?, additional_attributes = ? WHERE id = ?", c.Blocked, c.AdditionalAttributes, id).Error
		if err != nil {
			return fmt.Errorf("save contact %d: %w", id, err)
		}
		d.apply(&c)
		return r.saveContact(tx, &was, &c)
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return nil, fault.Taken.Field("taken", "identifier")
	}
	if err != nil {
		return nil, err
	}
	return &c, nil
}

func firstFault(err error) error {
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return f
	}
	return err
}

// unique refuses an e-mail or telephone number that another contact has. What
// visitors type is not held to this: it proves nothing.
func unique(tx *gorm.DB, c Contact) error {
	for _, f := range []struct{ column, value string }{{"email", c.Email}, {"phone_number", c.PhoneNumber}} {
		if f.value == "" {
			continue
		}
		var other int64
		if err := tx.Raw("SELECT id FROM contacts WHERE "+f.column+" = ? AND "+f.column+" <> '' AND id <> ? LIMIT 1", f.value, c.ID).Scan(&other).Error; err != nil {
			return fmt.Errorf("look for the same %s: %w", f.column, err)
		}
		if other != 0 {
			return fault.Taken.Field("taken", f.column)
		}
	}
	return nil
}

// DeleteContact removes a customer who has no conversation. One who has is
// kept: their conversations are the business's record.
func (r *Router) DeleteContact(ctx context.Context, id int64) error {
	return r.db.Tx(ctx, func(tx *gorm.DB) error {
		// What is being written for the contact at this moment is waited for.
		if err := tx.Exec(closeContact(r.db), map[string]any{"from": id}).Error; err != nil {
			return fmt.Errorf("lock contact %d: %w", id, err)
		}
		var row struct{ ID, Conversations int64 }
		err := tx.Raw(`SELECT p.id, (SELECT count(*) FROM conversations c WHERE c.contact_id = p.id) AS conversations
			FROM contacts p WHERE p.id = ?`, id).Scan(&row).Error
		switch {
		case err != nil:
			return fmt.Errorf("contact %d: %w", id, err)
		case row.ID == 0:
			return fault.NotFound
		case row.Conversations > 0:
			return fault.Invalid.Field("not_allowed", "id")
		}
		if err := tx.Exec("DELETE FROM contact_inboxes WHERE contact_id = ?", id).Error; err != nil {
			return fmt.Errorf("delete contact %d: %w", id, err)
		}
		r.contactChanged(tx, id)
		return tx.Exec("DELETE FROM contacts WHERE id = ?", id).Error
	})
}

// ContactConversations lists the conversations of a customer that by may see,
// the newest first, 25 a page.
func (r *Router) ContactConversations(ctx context.Context, by By, id int64, page int) ([]View, error) {
	if _, err := r.Contact(ctx, id); err != nil {
		return nil, err
	}
	if page > maxPage {
		return nil, fault.Invalid.Field(fault.Limit("out_of_range", 1, maxPage), "page")
	}
	db := r.db.Read().WithContext(ctx)
	where := by.Scope.visible().and("c.contact_id = ?", id)
	var rows []Conversation
	err := db.Raw("SELECT c.* FROM conversations c"+where.where()+" ORDER BY c.id DESC LIMIT ? OFFSET ?",
		append(where.args, previousListed, (max(page, 1)-1)*previousListed)...).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("conversations of contact %d: %w", id, err)
	}
	return r.views(db, rows)
}

// SetContactLabels replaces the labels of a customer as a whole.
func (r *Router) SetContactLabels(ctx context.Context, id int64, titles []string) ([]string, error) {
	want, err := cleanLabels(titles)
	if err != nil {
		return nil, err
	}
	err = r.db.Tx(ctx, func(tx *gorm.DB) error {
		var locked int64
		if err := tx.Raw("SELECT id FROM contacts WHERE id = ?"+r.db.ForUpdate(false), id).Scan(&locked).Error; err != nil {
			return fmt.Errorf("contact %d: %w", id, err)
		}
		if locked == 0 {
			return fault.NotFound
		}
		if err := tx.Exec("DELETE FROM contact_labels WHERE contact_id = ?", id).Error; err != nil {
			return fmt.Errorf("labels of contact %d: %w", id, err)
		}
		for _, l := range want {
			if err := tx.Exec("INSERT INTO contact_labels (contact_id, label) VALUES (?, ?)", id, l).Error; err != nil {
				return fmt.Errorf("labels of contact %d: %w", id, err)
			}
		}
		r.contactChanged(tx, id)
		return nil
	})
	return want, err
}

// ContactLabels returns the labels of a customer, sorted.
func (r *Router) ContactLabels(ctx context.Context, id int64) ([]string, error) {
	if _, err := r.Contact(ctx, id); err != nil {
		return nil, err
	}
	titles := []string{}
	err := r.db.Read().WithContext(ctx).Raw("SELECT label FROM contact_labels WHERE contact_id = ? ORDER BY label", id).Scan(&titles).Error
	return titles, err
}

// SameContacts lists other contacts with a contact's e-mail, for an agent to
// decide whether they are one.
func (r *Router) SameContacts(ctx context.Context, c *Contact) ([]*Contact, error) {
	same := []*Contact{}
	if c.Email == "" {
		return same, nil
	}
	err := r.db.Read().WithContext(ctx).Raw("SELECT * FROM contacts WHERE email = ? AND email <> '' AND id <> ? ORDER BY id LIMIT 20", c.Email, c.ID).Scan(&same).Error
	return same, err
}
