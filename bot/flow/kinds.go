package flow

// kind describes one kind of step.
type kind struct {
	name string
	// inline says that the step's key is followed by a value and that the
	// settings stand beside it (collect: email / attempts: 3). Otherwise all
	// settings stand under the key.
	inline bool
	new    func() Action
}

// kinds lists every kind of step, in the order in which they are documented.
var kinds = []kind{
	{name: "say", inline: true, new: func() Action { return &Say{} }},
	{name: "collect", inline: true, new: func() Action { return &Collect{} }},
	{name: "dialogflow", new: func() Action { return &Dialogflow{} }},
	{name: "handoff", new: func() Action { return &Handoff{} }},
	{name: "resolve", new: func() Action { return &Resolve{} }},
}

func kindNamed(name string) (kind, bool) {
	for _, k := range kinds {
		if k.name == name {
			return k, true
		}
	}
	return kind{}, false
}

func kindNames() []string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.name
	}
	return names
}
