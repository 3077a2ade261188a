package emulator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// decode reads one JSON file, which may begin with a byte order mark.
func decode(name string, data []byte, into any) error {
	if err := json.Unmarshal(bytes.TrimPrefix(data, []byte("\ufeff")), into); err != nil {
		return fmt.Errorf("%w: %q: %w", ErrNotAgent, name, err)
	}
	return nil
}

func parseAgent(name string, data []byte) (*Agent, error) {
	var f agentFile
	if err := decode("agent.json", data, &f); err != nil {
		return nil, err
	}
	if f.StartFlow != "" || f.DefaultLanguageCode != "" && f.Language == "" {
		return nil, fmt.Errorf("%w: it is an agent of Dialogflow CX", ErrNotAgent)
	}
	a := &Agent{
		name:          cmp.Or(f.DisplayName, name),
		language:      strings.ToLower(cmp.Or(f.Language, "en")),
		zone:          time.UTC,
		minConfidence: cmp.Or(float64(f.MlMinConfidence), 0.3),
		byID:          map[string]*intent{},
		entities:      map[string]*entity{},
	}
	a.languages = []string{a.language}
	for _, l := range f.SupportedLanguages {
		if l = strings.ToLower(l); !slices.Contains(a.languages, l) {
			a.languages = append(a.languages, l)
		}
	}
	if f.DefaultTimezone != "" {
		zone, err := time.LoadLocation(f.DefaultTimezone)
		if err != nil {
			a.warn("time zone %q is not known, UTC is used", f.DefaultTimezone)
		} else {
			a.zone = zone
		}
	}
	return a, nil
}

// addIntents reads intents/, in the order of their names.
func addIntents(a *Agent, files map[string][]byte) error {
	byFile := map[string]*intent{}
	for _, name := range under("intents", files, false) {
		var f intentFile
		if err := decode(name, files[name], &f); err != nil {
			return err
		}
		i := a.newIntent(stem(name), f)
		i.add(a.language, f.UserSays)
		a.intents, byFile[stem(name)] = append(a.intents, i), i
		a.byID[i.id] = i
	}
	for _, name := range under("intents", files, true) {
		file, lang, ok := cutLast(stem(name), "_usersays_")
		i := byFile[file]
		if !ok || i == nil {
			a.warn("%q belongs to no intent", name)
			continue
		}
		var phrases []phraseFile
		if err := decode(name, files[name], &phrases); err != nil {
			return err
		}
		i.add(strings.ToLower(lang), phrases)
	}
	return nil
}

// newIntent makes an intent of its file; an intent without a name bears that
// of the file.
func (a *Agent) newIntent(file string, f intentFile) *intent {
	i := &intent{
		name: cmp.Or(f.Name, file), parentID: f.ParentID, rootID: f.RootParentID,
		fallback: f.FallbackIntent, priority: int(cmp.Or(f.Priority, 500000)),
		phrases: map[string][]phrase{}, webhook: f.WebhookUsed,
		handoff: f.LiveAgentHandoff, end: f.EndInteraction,
	}
	i.id = cmp.Or(f.ID, idOf(i.name))
	for _, c := range f.Contexts {
		i.inputs = append(i.inputs, strings.ToLower(c))
	}
	for _, e := range f.Events {
		i.events = append(i.events, strings.ToLower(e.Name))
	}
	if len(f.Responses) == 0 {
		return i
	}
	r := f.Responses[0]
	i.action, i.resetContexts = r.Action, r.ResetContexts
	for _, c := range r.AffectedContexts {
		i.outputs = append(i.outputs, outputContext{strings.ToLower(c.Name), int(c.Lifespan)})
	}
	for _, p := range r.Parameters {
		i.parameters = append(i.parameters, a.newParameter(p))
	}
	for _, m := range r.Messages {
		if made, ok := newMessage(m); ok {
			i.messages = append(i.messages, made)
		} else {
			a.warn("intent %q: messages of type %q are left out", i.name, m.Type)
		}
	}
	return i
}

func (a *Agent) newParameter(f parameterFile) parameter {
	p := parameter{
		name: f.Name, entity: strings.TrimPrefix(f.DataType, "@"), value: asText(f.Value),
		required: f.Required, list: f.IsList, prompts: map[string][]string{},
	}
	if s, isText := f.DefaultValue.(string); !isText || s != "" {
		p.fallback = f.DefaultValue
	}
	for _, q := range f.Prompts {
		lang := strings.ToLower(cmp.Or(q.Lang, a.language))
		p.prompts[lang] = append(p.prompts[lang], q.Value)
	}
	return p
}

// add takes in phrases; a part marked @sys.ignore is plain text.
func (i *intent) add(lang string, phrases []phraseFile) {
	for _, f := range phrases {
		var p phrase
		for _, d := range f.Data {
			made := part{text: d.Text}
			if d.Meta != "" && d.Meta != "@sys.ignore" {
				made.entity, made.alias = strings.TrimPrefix(d.Meta, "@"), d.Alias
			}
			p = append(p, made)
		}
		l := lang
		if f.Lang != "" {
			l = strings.ToLower(f.Lang)
		}
		i.phrases[l] = append(i.phrases[l], p)
	}
}

// finish prepares what answering needs: the languages that only phrases
// name, the words of the entities and the indexes of the phrases.
func (a *Agent) finish() {
	for _, i := range a.intents {
		for _, l := range slices.Sorted(maps.Keys(i.phrases)) {
			if !slices.Contains(a.languages, l) {
				a.languages = append(a.languages, l)
			}
		}
	}
	a.lexicons = map[string]*lexicon{}
	a.indexes = map[string]*index{}
	for _, l := range a.languages {
		a.addLexicons(l)
		a.indexes[l] = newIndex(a, l)
	}
	slices.Sort(a.warnings)
	a.warnings = slices.Compact(a.warnings)
}

// under lists the JSON files of a folder that hold an array, or those that do
// not, sorted.
func under(folder string, files map[string][]byte, arrays bool) []string {
	var names []string
	for name, data := range files {
		if path.Dir(name) != folder {
			continue
		}
		data = bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\ufeff")), " \t\r\n")
		if bytes.HasPrefix(data, []byte("[")) == arrays {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func stem(name string) string { return strings.TrimSuffix(path.Base(name), ".json") }

// cutLast cuts s around the last sep, for names may hold one themselves.
func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// idOf makes an id for what the export gives none, always the same.
func idOf(name string) string {
	h := fnv.New128a()
	h.Write([]byte(name))
	s := fmt.Sprintf("%x", h.Sum(nil))
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

func asText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}
