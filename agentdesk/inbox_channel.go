package agentdesk

import (
	"cmp"
	"encoding/json"

	"relevo/router"
	"relevo/router/fault"
	"relevo/router/prechat"
)

// channel reads what is told of the channel.
func (o inboxOptions) channel(draft *router.InboxDraft) error {
	for key, to := range map[string]**string{"website_url": &draft.WebsiteURL, "widget_color": &draft.WidgetColor,
		"widget_position": &draft.WidgetPosition, "allowed_domains": &draft.AllowedDomains,
		"welcome_title": &draft.WelcomeTitle, "welcome_tagline": &draft.WelcomeTagline, "webhook_url": &draft.WebhookURL} {
		value, sent := o.Channel[key]
		if !sent {
			continue
		}
		text, ok := value.(string)
		if !ok && value != nil {
			return fault.Invalid.Field("not_a_string", key)
		}
		*to = &text
	}
	for key, to := range map[string]**bool{"hmac_mandatory": &draft.IdentityChecked, "pre_chat_form_enabled": &draft.Around.FormEnabled} {
		value, sent := o.Channel[key]
		if !sent || value == nil {
			continue
		}
		set, ok := value.(bool)
		if !ok {
			return fault.Invalid.Field("not_a_boolean", key)
		}
		*to = &set
	}
	options, sent := o.Channel["pre_chat_form_options"]
	if !sent || options == nil {
		return nil
	}
	form, err := readForm(options)
	draft.Around.Form = form
	return err
}

// formIn is a form before the first word as it is sent. Keys that it does not
// have are left out.
type formIn struct {
	Message string    `json:"pre_chat_message"`
	Fields  []fieldIn `json:"pre_chat_fields"`
}

type fieldIn struct {
	Name        string   `json:"name"`
	Label       string   `json:"label"`
	Type        string   `json:"type"`
	FieldType   string   `json:"field_type"`
	Enabled     *bool    `json:"enabled"` // true where it is not sent
	Required    bool     `json:"required"`
	Placeholder string   `json:"placeholder"`
	Values      []string `json:"values"`
	Pattern     string   `json:"regex_pattern"`
	PatternHint string   `json:"regex_cue"`
}

// otherTypes are names that Chatwoot's clients have for types of fields.
var otherTypes = map[string]string{"": "text", "url": "link", "select": "list"}

// savedOn is where the answers of fields of one's own are saved.
var savedOn = map[string]string{"": "", "standard": "", "contact_attribute": prechat.OnContact, "conversation_attribute": prechat.OnConversation}

func readForm(options any) (*prechat.Form, error) {
	var in formIn
	text, err := json.Marshal(options)
	if err == nil {
		err = json.Unmarshal(text, &in)
	}
	if err != nil {
		return nil, fault.Invalid.Field("not_a_form", "pre_chat_form_options").Wrap(err)
	}
	form := &prechat.Form{Message: in.Message}
	for _, f := range in.Fields {
		where, known := savedOn[f.FieldType]
		if !known {
			where = f.FieldType // which the check refuses
		}
		field := prechat.Field{Name: f.Name, Label: f.Label, Type: cmp.Or(otherTypes[f.Type], f.Type), Required: f.Required, Off: f.Enabled != nil && !*f.Enabled,
			Placeholder: f.Placeholder, Pattern: f.Pattern, PatternHint: f.PatternHint, Values: f.Values, SavedOn: where}
		if field.Name == prechat.PhoneNumber && field.Type == "text" { // as Chatwoot's own form has it
			field.Type = "phone"
		}
		if field.Standard() {
			field.SavedOn = ""
		}
		form.Fields = append(form.Fields, field)
	}
	return form, nil
}

// formJSON is the form before the first word, whole: with what is switched off.
type formJSON struct {
	Message string      `json:"pre_chat_message" doc:"empty: a sentence of the inbox's language"`
	Fields  []fieldJSON `json:"pre_chat_fields" doc:"in order"`
}

type fieldJSON struct {
	Name        string   `json:"name" doc:"fullName, emailAddress, phoneNumber, or one of your own"`
	Label       string   `json:"label"`
	Type        string   `json:"type" enum:"text,email,phone,number,link,date,list,checkbox,text_area"`
	FieldType   string   `json:"field_type" enum:"standard,contact_attribute,conversation_attribute" doc:"where the answer is saved"`
	Enabled     bool     `json:"enabled" doc:"false: kept, but not asked"`
	Required    bool     `json:"required"`
	Placeholder string   `json:"placeholder"`
	Values      []string `json:"values" doc:"of a list"`
	Pattern     *string  `json:"regex_pattern" doc:"of RE2"`
	PatternHint *string  `json:"regex_cue"`
}

func presentForm(form prechat.Form) *formJSON {
	out := &formJSON{Message: form.Message, Fields: []fieldJSON{}}
	for _, f := range form.Fields {
		kind := "contact_attribute"
		switch {
		case f.Standard():
			kind = "standard"
		case f.SavedOn == prechat.OnConversation:
			kind = "conversation_attribute"
		}
		out.Fields = append(out.Fields, fieldJSON{Name: f.Name, Label: f.Label, Type: f.Type, FieldType: kind, Enabled: !f.Off, Required: f.Required,
			Placeholder: f.Placeholder, Values: append([]string{}, f.Values...), Pattern: orNull(f.Pattern), PatternHint: orNull(f.PatternHint)})
	}
	return out
}
