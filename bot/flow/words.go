package flow

// Words with which customers ask for a person, by language. An entry is found
// as whole words anywhere in the text; one that begins with "=" only where the
// text is nothing else, because "una mesa para una persona" does not ask for
// one.
var personWords = map[string][]string{
	"es": {"=agente", "un agente", "con agente", "quiero agente", "necesito agente", "humano", "humana", "ser humano", "operador", "operadora", "asesor", "asesora", "representante",
		"persona real", "hablar con una persona", "hablar con alguien", "con un agente", "atienda una persona", "atienda alguien", "una persona de verdad", "=persona", "=una persona"},
	"en": {"=agent", "an agent", "agent please", "human", "human being", "operator", "representative", "real person", "live person",
		"talk to a person", "talk to someone", "speak to a person", "speak to someone", "speak with someone",
		"=person", "=a person"},
}

// Words with which customers decline to answer, by language.
var cancelWords = map[string][]string{
	"es": {"cancelar", "no", "no gracias", "prefiero no", "no quiero", "no tengo", "omitir", "saltar", "paso", "ninguno", "ninguna"},
	"en": {"cancel", "no", "nope", "no thanks", "no thank you", "rather not", "prefer not", "i don't want", "skip", "none"},
}

// DefaultWords returns the words with which customers ask for a person in a
// language; English for one that is not known. The caller must not change it.
func DefaultWords(language string) []string { return pick(personWords, language) }

func pick(lists map[string][]string, language string) []string {
	if words, ok := lists[base(language)]; ok {
		return words
	}
	return lists["en"]
}
