package flow

// What a Collect may ask for.
const (
	CollectEmail = "email"
	CollectName  = "name"
	CollectPhone = "phone"
	CollectText  = "text"
)

// What happens when a Collect gets no valid answer.
const (
	OtherwiseContinue = "continue"
	OtherwiseHandoff  = "handoff"
)

// Collect asks the customer for one thing. It is skipped when the thing is
// known already.
type Collect struct {
	What      string   `yaml:"collect" jsonschema:"required,enum=email,enum=name,enum=phone,enum=text" jsonschema_description:"What to ask for."`
	Into      string   `yaml:"into,omitempty" jsonschema:"pattern=^[a-z][a-z0-9_]*$,maxLength=64" jsonschema_description:"For text: the name under which the answer is kept."`
	Ask       string   `yaml:"ask,omitempty" jsonschema:"maxLength=4000" template:"yes" jsonschema_description:"The question. Without it a built-in one is asked."`
	Invalid   string   `yaml:"invalid,omitempty" jsonschema:"maxLength=4000" template:"yes" jsonschema_description:"Said when the answer is not valid."`
	Attempts  int      `yaml:"attempts" jsonschema:"minimum=1,maximum=10,default=3" jsonschema_description:"How many answers may fail."`
	Otherwise string   `yaml:"otherwise" jsonschema:"enum=continue,enum=handoff,default=continue" jsonschema_description:"What to do when all attempts fail or the customer declines."`
	Cancel    []string `yaml:"cancel" jsonschema:"maxItems=50,maxLength=60" words:"cancel" jsonschema_description:"Words with which the customer declines. Without it a built-in list of the flow's language is used."`
}

// Kind implements Action.
func (*Collect) Kind() string { return "collect" }

// Key is the name under which the answer is kept among the collected data.
func (c *Collect) Key() string {
	if c.What == CollectText {
		return c.Into
	}
	return c.What
}

func (c *Collect) check(report func(key, text string)) {
	switch {
	case c.What == CollectText && c.Into == "":
		report("into", `is missing: "collect: text" must say under which name to keep the answer`)
	case c.What != CollectText && c.Into != "":
		report("into", `goes only with "collect: text"`)
	case reserved[c.Into]:
		report("into", `is a name that Relevo uses itself; take another one`)
	}
}

var reserved = map[string]bool{CollectEmail: true, CollectName: true, CollectPhone: true}
