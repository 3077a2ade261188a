package router

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"relevo/fsm"
	"relevo/router/fault"
	"relevo/router/prechat"
	"relevo/router/texts"
)

// Opening is what a customer begins a conversation with. Everything is stored
// in one transaction, or nothing is.
type Opening struct {
	Custom  Attributes     // of the conversation
	Contact ContactDraft   // what the customer says of himself
	PreChat map[string]any // the form's answers by its fields' names; nil: no form was shown
	Message *Draft         // the first word, if any
}

// Begin starts a conversation of a visitor and returns its id. With a message
// that was sent before, it returns the conversation where that stands; without
// one, it is Start. Where PreChat is not nil, the inbox's form holds:
// everything that is wrong with the answers is one error.
func (r *Router) Begin(ctx context.Context, inbox *Inbox, sourceID string, o Opening) (int64, error) {
	if err := o.check(); err != nil {
		return 0, err
	}
	var who listener
	var id int64
	var m *Message
	var in *change
	_, err := r.changeWithContact(ctx, o.lock(inbox, sourceID, &who), func(ch *change) (err error) {
		in, id, m = ch, ch.c.ID, nil
		if err := ch.introduce(&who, o); err != nil || o.Message == nil {
			return err
		}
		m, err = ch.hear(who, *o.Message, false)
		return err
	})
	if errors.Is(err, errRepeated) {
		if m, err = r.repeated(ctx, in.c, in.sender, *o.Message); err == nil {
			id = m.ConversationID
		}
	}
	return id, err
}

func (o Opening) check() error {
	if err := o.Custom.check("custom_attributes"); err != nil {
		return err
	}
	if err := o.Contact.check(); err != nil {
		return err
	}
	if o.Message == nil {
		return nil
	}
	return o.Message.check()
}

// lock locks contact and visitor, and finds the conversation: the one where
// the same word stands already, else one without a word, else a new one.
func (o Opening) lock(inbox *Inbox, sourceID string, who *listener) locker {
	return func(ch *change) error {
		contact, err := ch.lockVisitorsContact(inbox, sourceID)
		if err != nil {
			return err
		}
		v, err := ch.lockVisitor(inbox, sourceID)
		if err != nil {
			return err
		}
		if v.Contact.ID != contact {
			return errContactMoved
		}
		*who = listener{v.Contact.ID, v.Contact.Blocked, &v.Contact}
		if o.Message != nil && (o.Message.EchoID != "" || o.Message.SourceID != "") {
			current, there, err := ch.current(v, *o.Message)
			if err != nil {
				return err
			}
			if there {
				return byID(current)(ch)
			}
		}
		return ch.silentOrNew(inbox, v, o.Custom)
	}
}

// silentOrNew locks a visitor's conversation without a word, or begins one:
// what is sent twice makes one conversation.
func (ch *change) silentOrNew(inbox *Inbox, v *Visitor, custom Attributes) error {
	var silent int64
	err := ch.tx.Raw(`SELECT id FROM conversations WHERE contact_inbox_id = ? AND seq = 0 AND status <> ? ORDER BY id DESC LIMIT 1`,
		v.ID, string(fsm.Resolved)).Scan(&silent).Error
	if err != nil {
		return fmt.Errorf("silent conversation of visitor %d: %w", v.ID, err)
	}
	if silent == 0 {
		return ch.begin(inbox, v, custom)
	}
	return byID(silent)(ch)
}

// introduce stores what the customer says of himself before the first word:
// on the contact, whose row is locked, and on the conversation.
func (ch *change) introduce(who *listener, o Opening) error {
	custom, draft := o.Custom, o.Contact
	if form := ch.inbox.Settings.PreChat; form.Enabled && o.PreChat != nil {
		answers, wrong := form.Read(o.answers(form), known(who.contact))
		if len(wrong) > 0 {
			return wrongAnswers(form, wrong, ch.inbox.Settings.Locale)
		}
		custom = custom.with(answers.Conversation)
		draft = draft.answered(answers)
	}
	if err := custom.check("custom_attributes"); err != nil {
		return err
	}
	ch.c.CustomAttributes = ch.c.CustomAttributes.with(custom)
	if !draft.says() {
		return nil
	}
	row := *who.contact
	if err := ch.r.updateContact(ch.tx, &row, draft); err != nil {
		return err
	}
	who.contact = &row
	return row.CustomAttributes.check("custom_attributes")
}

// answers are the form's values: PreChat, and where it is silent the contact's
// fields, by which clients of Chatwoot send the standard ones.
func (o Opening) answers(form prechat.Form) map[string]any {
	values := map[string]any{}
	for name, v := range map[string]*string{prechat.FullName: o.Contact.Name, prechat.EmailAddress: o.Contact.Email, prechat.PhoneNumber: o.Contact.PhoneNumber} {
		if v != nil {
			values[name] = *v
		}
	}
	for _, f := range form.Fields {
		from := o.Contact.CustomAttributes
		if f.SavedOn == prechat.OnConversation {
			from = o.Custom
		}
		if v, sent := from[f.Name]; sent && !f.Standard() {
			values[f.Name] = v
		}
	}
	for name, v := range o.PreChat {
		values[name] = v
	}
	return values
}

// answered returns d with a form's answers.
func (d ContactDraft) answered(a prechat.Answers) ContactDraft {
	for _, f := range []struct {
		said string
		to   **string
	}{{a.Name, &d.Name}, {a.Email, &d.Email}, {a.Phone, &d.PhoneNumber}} {
		if f.said != "" {
			*f.to = &f.said
		}
	}
	d.CustomAttributes = d.CustomAttributes.with(a.Contact)
	return d
}

// says reports whether there is anything to write.
func (d ContactDraft) says() bool {
	return d.Name != nil || d.Email != nil || d.PhoneNumber != nil || d.Identifier != nil || len(d.CustomAttributes) > 0
}

// known is what a form need not ask of a contact.
func known(c *Contact) prechat.Known {
	return prechat.Known{Name: strings.TrimSpace(c.Name), Email: c.Email, Phone: c.PhoneNumber, Attributes: c.CustomAttributes}
}

// wrongAnswers is everything that is wrong with a form's answers, in words that
// the customer has read in the form.
func wrongAnswers(form prechat.Form, wrong []prechat.Wrong, locale string) error {
	all := make([]error, len(wrong))
	for i, w := range wrong {
		f := form.Fields[slices.IndexFunc(form.Fields, func(f prechat.Field) bool { return f.Name == w.Field })]
		bad := fault.Invalid.Field(w.Code, w.Field).With("label", FormLabel(f, locale))
		if w.Code == "does_not_match" && f.PatternHint != "" {
			bad = bad.With("hint", f.PatternHint)
		}
		all[i] = bad
	}
	return errors.Join(all...)
}

// formLabels are the sentences for fields that every form may have.
var formLabels = map[string]string{prechat.FullName: "pre_chat.name", prechat.EmailAddress: "pre_chat.email", prechat.PhoneNumber: "pre_chat.phone"}

// FormLabel is what a field is called in the form, in an inbox's language where
// it has no label of its own.
func FormLabel(f prechat.Field, locale string) string {
	if key, standard := formLabels[f.Name]; standard && f.Label == "" {
		return texts.Say(locale, key, nil)
	}
	return cmp.Or(f.Label, f.Name)
}

// PreChatForm is the form that a visitor of an inbox is still to be shown:
// without what is known of him. Nobody knows a stranger: a sourceID that is
// no visitor's, or "", gets the whole form.
func (r *Router) PreChatForm(ctx context.Context, inbox *Inbox, sourceID string) (prechat.Form, error) {
	form := inbox.Settings.PreChat
	if !form.Enabled || sourceID == "" {
		return form.ToAsk(prechat.Known{}), nil
	}
	v, err := r.Visitor(ctx, inbox, sourceID)
	if errors.Is(err, fault.NotFound) {
		return form.ToAsk(prechat.Known{}), nil
	}
	if err != nil {
		return prechat.Form{}, err
	}
	return form.ToAsk(known(&v.Contact)), nil
}
