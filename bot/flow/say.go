package flow

// Say says one text. It is said once in a conversation, however often the bot
// gets the conversation back.
type Say struct {
	Text string `yaml:"say" jsonschema:"required,minLength=1,maxLength=4000" template:"yes" jsonschema_description:"What the bot says."`
}

// Kind implements Action.
func (*Say) Kind() string { return "say" }
