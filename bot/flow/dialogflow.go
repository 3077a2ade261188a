package flow

// What happens with a text that is longer than the provider takes.
const (
	LongTruncate = "truncate"
	LongFallback = "fallback"
	LongHandoff  = "handoff"
)

// Dialogflow lets an agent of the configuration talk with the customer until
// it ends the interaction or a person is needed.
type Dialogflow struct {
	Agent    string `yaml:"agent" jsonschema:"required,minLength=1,maxLength=64" jsonschema_description:"The name of an agent under bots."`
	Language string `yaml:"language,omitempty" jsonschema:"pattern=^[a-z]{2}(-[A-Z]{2})?$" jsonschema_description:"The language to ask the agent in, if not the flow's."`
	Welcome  string `yaml:"welcome,omitempty" jsonschema:"maxLength=150" jsonschema_description:"The event sent when the customer has not written yet."`
	Resume   string `yaml:"resume,omitempty" jsonschema:"maxLength=150" jsonschema_description:"The event sent when an agent gives the conversation back and the customer has not written since."`
	Events   Events `yaml:"events,omitempty" jsonschema_description:"Events for what the customer does without words."`
	LongText string `yaml:"long_text" jsonschema:"enum=truncate,enum=fallback,enum=handoff,default=handoff" jsonschema_description:"What to do with more than 256 characters."`
	Handoff  Limits `yaml:"handoff" jsonschema_description:"When a person takes over."`
}

// Events names the provider's events for what is not a text.
type Events struct {
	Attachment string `yaml:"attachment,omitempty" jsonschema:"maxLength=150" jsonschema_description:"Sent for a file without words. Without it such a file hands off."`
}

// Limits says when a Dialogflow step lets go of the customer.
type Limits struct {
	On        []Signal `yaml:"on" jsonschema:"maxItems=50" jsonschema_description:"The agent's own signs that a person is needed. Without it: live_agent_handoff and payload."`
	Fallbacks int      `yaml:"fallbacks" jsonschema:"minimum=1,maximum=20,default=3" jsonschema_description:"How often in a row the agent may not understand."`
	Slots     int      `yaml:"slots" jsonschema:"minimum=1,maximum=20,default=4" jsonschema_description:"How often in a row the agent may ask for the same parameter."`
	Turns     int      `yaml:"turns" jsonschema:"minimum=1,maximum=500,default=30" jsonschema_description:"How many answers the agent may give."`
	Idle      Duration `yaml:"idle,omitempty" jsonschema_description:"How long the customer may be silent, such as 15m. Without it there is no limit."`
	Words     []string `yaml:"words" jsonschema:"maxItems=100,maxLength=60" words:"person" jsonschema_description:"Words with which the customer asks for a person. Without it a built-in list of the flow's language is used."`
	Say       string   `yaml:"say,omitempty" jsonschema:"maxLength=4000" template:"yes" jsonschema_description:"Said when a person takes over."`
}

// Kind implements Action.
func (*Dialogflow) Kind() string { return "dialogflow" }
