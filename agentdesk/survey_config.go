package agentdesk

import (
	"relevo/router"
	"relevo/router/fault"
)

// surveyConfig is when and how an inbox asks its customers.
type surveyConfig struct {
	DisplayType      string      `json:"display_type" enum:"emoji,star"`
	Message          string      `json:"message" doc:"the question; empty: a sentence of the inbox's language"`
	Rules            surveyRules `json:"survey_rules"`
	OnlyWithPerson   bool        `json:"only_with_person" doc:"not where only the bot answered"`
	NotOnAutoResolve bool        `json:"not_on_auto_resolve" doc:"not where the time that passed resolved it"`
}

// surveyRules narrow by labels; without values they do not.
type surveyRules struct {
	Operator string   `json:"operator" enum:"contains,does_not_contain"`
	Values   []string `json:"values"`
}

const (
	withLabels    = "contains"
	withoutLabels = "does_not_contain"
)

func presentSurveyConfig(s router.SurveySettings) surveyConfig {
	out := surveyConfig{DisplayType: s.DisplayType(), Message: s.Question, OnlyWithPerson: s.OnlyWithPerson, NotOnAutoResolve: s.NotOnAutoResolve,
		Rules: surveyRules{Operator: withLabels, Values: append([]string{}, s.Labels...)}}
	if len(s.Labels) == 0 && len(s.WithoutLabels) > 0 {
		out.Rules = surveyRules{Operator: withoutLabels, Values: s.WithoutLabels}
	}
	return out
}

// readSurveyConfig reads csat_config; nil where none was sent.
func readSurveyConfig(config map[string]any) (*router.SurveySettings, error) {
	if config == nil {
		return nil, nil
	}
	var s router.SurveySettings
	wrong := func(detail string) error { return fault.Invalid.Field(detail, "csat_config") }
	display, message := "", ""
	for key, to := range map[string]*string{"display_type": &display, "message": &message} {
		if value, sent := config[key]; sent && value != nil {
			text, ok := value.(string)
			if !ok {
				return nil, wrong("not_a_string")
			}
			*to = text
		}
	}
	if display != "" && display != "emoji" && display != "star" {
		return nil, wrong("unknown")
	}
	s.Question, s.Stars = message, display == "star"
	for key, to := range map[string]*bool{"only_with_person": &s.OnlyWithPerson, "not_on_auto_resolve": &s.NotOnAutoResolve} {
		if value, sent := config[key]; sent && value != nil {
			var ok bool
			if *to, ok = value.(bool); !ok {
				return nil, wrong("not_a_boolean")
			}
		}
	}
	rules, _ := config["survey_rules"].(map[string]any)
	values, err := listOf(rules["values"], "csat_config")
	if err != nil {
		return nil, err
	}
	switch rules["operator"] {
	case nil, withLabels:
		s.Labels = values
	case withoutLabels:
		s.WithoutLabels = values
	default:
		return nil, wrong("unknown")
	}
	return &s, nil
}
