package emulator

// The files of an export, as far as they are used. What is not named here is
// not kept, which is how keys and webhook credentials are left behind.

type agentFile struct {
	DisplayName         string   `json:"displayName"`
	Language            string   `json:"language"`
	SupportedLanguages  []string `json:"supportedLanguages"`
	DefaultTimezone     string   `json:"defaultTimezone"`
	MlMinConfidence     number   `json:"mlMinConfidence"`
	DefaultLanguageCode string   `json:"defaultLanguageCode"` // CX only
	StartFlow           string   `json:"startFlow"`           // CX only
}

type intentFile struct {
	ID               string         `json:"id"`
	Name             string         `json:"name"`
	ParentID         string         `json:"parentId"`
	RootParentID     string         `json:"rootParentId"`
	Contexts         words          `json:"contexts"`
	Events           []eventFile    `json:"events"`
	Priority         number         `json:"priority"`
	FallbackIntent   bool           `json:"fallbackIntent"`
	WebhookUsed      bool           `json:"webhookUsed"`
	LiveAgentHandoff bool           `json:"liveAgentHandoff"`
	EndInteraction   bool           `json:"endInteraction"`
	Responses        []responseFile `json:"responses"`
	UserSays         []phraseFile   `json:"userSays"` // 2017
}

type eventFile struct {
	Name string `json:"name"`
}

type responseFile struct {
	ResetContexts    bool            `json:"resetContexts"`
	Action           string          `json:"action"`
	AffectedContexts []contextFile   `json:"affectedContexts"`
	Parameters       []parameterFile `json:"parameters"`
	Messages         []messageFile   `json:"messages"`
}

type contextFile struct {
	Name     string `json:"name"`
	Lifespan number `json:"lifespan"`
}

type parameterFile struct {
	Name         string       `json:"name"`
	Required     bool         `json:"required"`
	DataType     string       `json:"dataType"`
	Value        any          `json:"value"`
	DefaultValue any          `json:"defaultValue"`
	IsList       bool         `json:"isList"`
	Prompts      []promptFile `json:"prompts"`
}

// promptFile is {"lang","value"}, or a plain string in exports of 2017.
type promptFile struct {
	Lang  string `json:"lang"`
	Value string `json:"value"`
}

type phraseFile struct {
	Data []struct {
		Text  string `json:"text"`
		Meta  string `json:"meta"`
		Alias string `json:"alias"`
	} `json:"data"`
	Lang string `json:"lang"`
}

type entityFile struct {
	Name     string      `json:"name"`
	IsRegexp bool        `json:"isRegexp"`
	Entries  []entryFile `json:"entries"` // 2017
}

type entryFile struct {
	Value    tag   `json:"value"`
	Synonyms words `json:"synonyms"`
}
