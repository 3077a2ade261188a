package channel

import (
	"relevo/router"
	"relevo/router/prechat"
	"relevo/router/texts"
)

// preChatJSON is the form before the first word.
type preChatJSON struct {
	Message string             `json:"pre_chat_message"`
	Fields  []preChatFieldJSON `json:"pre_chat_fields" doc:"what is still to be asked, in order"`
}

// preChatFieldJSON is one question. What customers fill in is a text like any
// other: pages show it escaped.
type preChatFieldJSON struct {
	Name        string   `json:"name" doc:"the key of the answer in pre_chat"`
	Label       string   `json:"label"`
	Type        string   `json:"type" enum:"text,email,phone,number,link,date,list,checkbox,text_area"`
	FieldType   string   `json:"field_type" enum:"standard,contact_attribute,conversation_attribute" doc:"where the answer is saved"`
	Enabled     bool     `json:"enabled"`
	Required    bool     `json:"required"`
	Placeholder string   `json:"placeholder"`
	Values      []string `json:"values" doc:"of a list"`
	Pattern     *string  `json:"regex_pattern" doc:"of RE2; checked by the server in any case"`
	PatternHint *string  `json:"regex_cue"`
}

// presentForm shows a form, in an inbox's language where it has no words of
// its own.
func presentForm(i *router.Inbox, form prechat.Form) preChatJSON {
	locale := i.Settings.Locale
	out := preChatJSON{Message: form.Message, Fields: []preChatFieldJSON{}}
	if out.Message == "" {
		out.Message = texts.Say(locale, "pre_chat.message", nil)
	}
	for _, f := range form.Fields {
		shown := preChatFieldJSON{Name: f.Name, Label: router.FormLabel(f, locale), Type: f.Type, FieldType: fieldType(f), Enabled: !f.Off, Required: f.Required,
			Placeholder: f.Placeholder, Values: f.Values, Pattern: orNull(f.Pattern), PatternHint: orNull(f.PatternHint)}
		if shown.Values == nil {
			shown.Values = []string{}
		}
		out.Fields = append(out.Fields, shown)
	}
	return out
}

func fieldType(f prechat.Field) string {
	switch {
	case f.Standard():
		return "standard"
	case f.SavedOn == prechat.OnConversation:
		return "conversation_attribute"
	}
	return "contact_attribute"
}
