package flow

// Handoff passes the conversation to a person. A handoff that happens earlier,
// in a collect or dialogflow step before it, goes to the same team.
type Handoff struct {
	Team       string   `yaml:"team,omitempty" jsonschema:"maxLength=100" jsonschema_description:"The team to pass it to."`
	Labels     []string `yaml:"labels,omitempty" jsonschema:"maxItems=20,maxLength=100" jsonschema_description:"Labels to add."`
	Priority   string   `yaml:"priority,omitempty" jsonschema:"enum=low,enum=medium,enum=high,enum=urgent" jsonschema_description:"The priority to set."`
	WhenClosed string   `yaml:"when_closed,omitempty" jsonschema:"maxLength=4000" template:"yes" jsonschema_description:"Said instead of everything else when nobody is there by the inbox's hours."`
	Say        string   `yaml:"say,omitempty" jsonschema:"maxLength=4000" template:"yes" jsonschema_description:"Said to the customer. Without it a built-in sentence is said."`
}

// Kind implements Action.
func (*Handoff) Kind() string { return "handoff" }
