package flow

// Resolve ends the conversation.
type Resolve struct {
	Say    string   `yaml:"say,omitempty" jsonschema:"maxLength=4000" template:"yes" jsonschema_description:"Said before the end."`
	Labels []string `yaml:"labels,omitempty" jsonschema:"maxItems=20,maxLength=100" jsonschema_description:"Labels to add."`
}

// Kind implements Action.
func (*Resolve) Kind() string { return "resolve" }
