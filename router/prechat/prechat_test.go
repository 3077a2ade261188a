package prechat_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relevo/router/prechat"
)

// A form with a field of every type.
var shop = prechat.Form{Enabled: true, Message: "Cuéntanos quién eres", Fields: []prechat.Field{
	{Name: "fullName", Label: "Nombre", Type: "text", Required: true},
	{Name: "emailAddress", Label: "Correo", Type: "email", Required: true},
	{Name: "phoneNumber", Label: "Teléfono", Type: "phone"},
	{Name: "pedido", Label: "Pedido", Type: "text", Pattern: "^[A-Z]{2}-[0-9]{4}$", PatternHint: "AB-1234", SavedOn: "conversation"},
	{Name: "edad", Type: "number"},
	{Name: "web", Type: "link"},
	{Name: "fecha", Type: "date", SavedOn: "conversation"},
	{Name: "motivo", Type: "list", Values: []string{"Compra", "Devolución"}, SavedOn: "conversation"},
	{Name: "acepta", Type: "checkbox", Required: true},
	{Name: "detalle", Type: "text_area"},
	{Name: "viejo", Type: "text", Required: true, Off: true},
}}

func TestWhatWasFilledInLandsWhereItIsSaved(t *testing.T) {
	require.Empty(t, shop.Check())
	a, wrong := shop.Read(map[string]any{"fullName": " Lucía Gómez ", "emailAddress": "lucia@example.com", "phoneNumber": "+52 55 1234-5678",
		"pedido": "AB-1234", "edad": "41", "web": "https://lucia.example", "fecha": "2026-12-24", "motivo": "Devolución", "acepta": true,
		"detalle": "Una línea\nOtra", "viejo": "x", "nadie": map[string]any{"a": 1}}, prechat.Known{})
	require.Empty(t, wrong)
	require.Equal(t, prechat.Answers{Name: "Lucía Gómez", Email: "lucia@example.com", Phone: "+52 55 1234-5678",
		Contact:      map[string]any{"edad": 41.0, "web": "https://lucia.example", "acepta": true, "detalle": "Una línea\nOtra"},
		Conversation: map[string]any{"pedido": "AB-1234", "fecha": "2026-12-24", "motivo": "Devolución"}}, a)
}

func TestWhatIsKnownIsNotAsked(t *testing.T) {
	known := prechat.Known{Email: "l@example.com", Attributes: map[string]any{"acepta": true, "pedido": "AB-0001"}}
	var asked []string
	for _, f := range shop.ToAsk(known).Fields {
		asked = append(asked, f.Name)
	}
	require.Equal(t, []string{"fullName", "phoneNumber", "pedido", "edad", "web", "fecha", "motivo", "detalle"}, asked,
		"what is saved on the conversation is asked in each")
	_, wrong := shop.Read(map[string]any{"fullName": "Lucía"}, known)
	require.Empty(t, wrong)
}

func TestWhatWasNotFilledInRightly(t *testing.T) {
	right := map[string]any{"fullName": "Lucía", "emailAddress": "l@example.com", "acepta": true}
	for name, tt := range map[string]struct {
		field string
		value any
		code  string
	}{
		"nothing where something must be": {"fullName", "  ", "required"},
		"null":                            {"fullName", nil, "required"},
		"an object for a text":            {"fullName", map[string]any{"$gt": ""}, "not_a_string"},
		"a list for a text":               {"pedido", []any{"AB-1234"}, "not_a_string"},
		"a flag for a text":               {"pedido", true, "not_a_string"},
		"more than anybody writes":        {"fullName", strings.Repeat("ñ", 256), "too_long 255"},
		"a novel":                         {"detalle", strings.Repeat("a", 4001), "too_long 4000"},
		"half a letter":                   {"fullName", "Luc\xeda", "not_utf8"},
		"a NUL byte":                      {"fullName", "Luc\x00ía", "bad_character"},
		"two lines in one":                {"fullName", "Lucía\nBcc: todos@example.com", "bad_character"},
		"no address":                      {"emailAddress", "lucia", "not_an_email"},
		"an address with a header":        {"emailAddress", "a@example.com\r\nBcc: b@example.com", "bad_character"},
		"two addresses":                   {"emailAddress", "a@example.com,b@example.com", "not_an_email"},
		"no telephone":                    {"phoneNumber", "llámame", "not_a_phone"},
		"too few digits":                  {"phoneNumber", "+52 1", "not_a_phone"},
		"not the pattern":                 {"pedido", "1234", "does_not_match"},
		"no number":                       {"edad", "cuarenta", "not_a_number"},
		"no number at all":                {"edad", "NaN", "not_a_number"},
		"a number without end":            {"edad", "1e999", "not_a_number"},
		"a list for a number":             {"edad", []any{1.0}, "not_a_number"},
		"a link that runs":                {"web", "javascript:alert(1)", "not_a_url"},
		"a link to nowhere":               {"web", "https://", "not_a_url"},
		"no day":                          {"fecha", "2026-02-30", "not_a_date"},
		"a day as in another country":     {"fecha", "12/24/2026", "not_a_date"},
		"none of the choices":             {"motivo", "Regalo", "unknown"},
		"no consent":                      {"acepta", false, "required"},
		"a text for a mark":               {"acepta", "sí", "not_a_boolean"},
	} {
		t.Run(name, func(t *testing.T) {
			values := map[string]any{}
			for k, v := range right {
				values[k] = v
			}
			values[tt.field] = tt.value
			_, wrong := shop.Read(values, prechat.Known{})
			require.Equal(t, []prechat.Wrong{{Field: tt.field, Code: tt.code}}, wrong)
		})
	}
}

func TestEverythingThatIsWrongIsSaidAtOnce(t *testing.T) {
	_, wrong := shop.Read(map[string]any{"edad": "x"}, prechat.Known{})
	require.Equal(t, []prechat.Wrong{{"fullName", "required"}, {"emailAddress", "required"}, {"edad", "not_a_number"}, {"acepta", "required"}}, wrong)
}

// Scripts are words like others: they are kept as they were written.
func TestAScriptIsAText(t *testing.T) {
	script := `<script>alert("hola")</script>{{ contact.email }}`
	a, wrong := shop.Read(map[string]any{"fullName": script, "emailAddress": "l@example.com", "acepta": "true"}, prechat.Known{})
	require.Empty(t, wrong)
	require.Equal(t, script, a.Name)
}

// Patterns that take other machines for ever take no time here.
func TestAPatternNeverGoesBack(t *testing.T) {
	for _, pattern := range []string{`^(a+)+$`, `^(a|aa)+$`, `^(([a-z])+.)+[A-Z]([a-z])+$`, `(.*)*b`, `^(a{0,30}){0,30}$`} {
		f := prechat.Form{Enabled: true, Fields: []prechat.Field{{Name: "x", Type: "text_area", Pattern: pattern}}}
		require.Empty(t, f.Check(), pattern)
		began := time.Now()
		_, wrong := f.Read(map[string]any{"x": strings.Repeat("a", 3999) + "!"}, prechat.Known{})
		require.Equal(t, []prechat.Wrong{{"x", "does_not_match"}}, wrong, pattern)
		require.Less(t, time.Since(began), 5*time.Second, pattern)
	}
}

func TestFormsThatCannotBe(t *testing.T) {
	one := func(f prechat.Field) prechat.Form { return prechat.Form{Fields: []prechat.Field{f}} }
	for name, tt := range map[string]struct {
		form prechat.Form
		key  string
	}{
		"no name":                      {one(prechat.Field{Type: "text"}), "name"},
		"a name that is code":          {one(prechat.Field{Name: "__proto__", Type: "text"}), "name"},
		"no type":                      {one(prechat.Field{Name: "x"}), "type"},
		"an unknown type":              {one(prechat.Field{Name: "x", Type: "file"}), "type"},
		"another type of address":      {one(prechat.Field{Name: "emailAddress", Type: "text"}), "type"},
		"a list of nothing":            {one(prechat.Field{Name: "x", Type: "list"}), "values"},
		"the same choice twice":        {one(prechat.Field{Name: "x", Type: "list", Values: []string{"a", "a"}}), "values"},
		"choices for a text":           {one(prechat.Field{Name: "x", Type: "text", Values: []string{"a"}}), "values"},
		"a pattern that is none":       {one(prechat.Field{Name: "x", Type: "text", Pattern: "("}), "pattern"},
		"a pattern that looks behind":  {one(prechat.Field{Name: "x", Type: "text", Pattern: "(?<=a)b"}), "pattern"},
		"a pattern that goes back":     {one(prechat.Field{Name: "x", Type: "text", Pattern: `(a)\1`}), "pattern"},
		"a pattern too big":            {one(prechat.Field{Name: "x", Type: "text", Pattern: "((a{1,100}){1,100}){1,100}"}), "pattern"},
		"a pattern too long":           {one(prechat.Field{Name: "x", Type: "text", Pattern: strings.Repeat("a", 201)}), "pattern"},
		"a pattern for a mark":         {one(prechat.Field{Name: "x", Type: "checkbox", Pattern: "a"}), "pattern"},
		"saved nowhere":                {one(prechat.Field{Name: "x", Type: "text", SavedOn: "agent"}), "saved_on"},
		"an address on a conversation": {one(prechat.Field{Name: "emailAddress", Type: "email", SavedOn: "conversation"}), "saved_on"},
		"a label without end":          {one(prechat.Field{Name: "x", Type: "text", Label: strings.Repeat("a", 256)}), "label"},
		"a sentence without end":       {prechat.Form{Message: strings.Repeat("a", 2001)}, "message"},
		"fields without end":           {prechat.Form{Fields: make([]prechat.Field, 21)}, "fields"},
		"one field twice":              {prechat.Form{Fields: []prechat.Field{{Name: "x", Type: "text"}, {Name: "x", Type: "text"}}}, "name"},
	} {
		t.Run(name, func(t *testing.T) {
			problems := tt.form.Check()
			require.Len(t, problems, 1)
			require.Equal(t, tt.key, problems[0].Key)
		})
	}
}
