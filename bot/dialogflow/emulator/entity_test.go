package emulator

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Monday, 23 November 2026, nine in the morning in Madrid.
func monday(t *testing.T) time.Time {
	madrid, err := time.LoadLocation("Europe/Madrid")
	require.NoError(t, err)
	return time.Date(2026, 11, 23, 9, 0, 0, 0, madrid)
}

// first is the first value of an entity in a text, nil where there is none.
func first(t *testing.T, entity, lang, text string) any {
	t.Helper()
	a, err := Demo()
	require.NoError(t, err)
	found := a.newFinder(text, lang, monday(t), nil).spans(entity)
	if len(found) == 0 {
		return nil
	}
	return found[0].value.value
}

func TestDates(t *testing.T) {
	for _, tt := range []struct{ lang, text, want string }{
		{"es", "hoy", "2026-11-23"},
		{"es", "para mañana por favor", "2026-11-24"},
		{"es", "MANANA", "2026-11-24"},
		{"es", "pasado mañana", "2026-11-25"},
		{"es", "ayer", "2026-11-22"},
		{"es", "el viernes", "2026-11-27"},
		{"es", "este sábado a las 5", "2026-11-28"},
		{"es", "el lunes que viene", "2026-11-30"},
		{"es", "el 3 de enero", "2027-01-03"},
		{"es", "el 5 de setiembre", "2027-09-05"},
		{"es", "23 de noviembre", "2026-11-23"},
		{"es", "2 de octubre de 2025", "2025-10-02"},
		{"es", "primero de diciembre", "2026-12-01"},
		{"es", "en 3 días", "2026-11-26"},
		{"es", "dentro de 2 semanas", "2026-12-07"},
		{"es", "31/12/2026", "2026-12-31"},
		{"es", "el 2026-12-24", "2026-12-24"},
		{"en", "today", "2026-11-23"},
		{"en", "tomorrow at 3pm", "2026-11-24"},
		{"en", "the day after tomorrow", "2026-11-25"},
		{"en", "next Thursday", "2026-11-26"},
		{"en", "on monday", "2026-11-30"},
		{"en", "October 2nd", "2027-10-02"},
		{"en", "2 October", "2027-10-02"},
		{"en", "on December 10, 2027", "2027-12-10"},
		{"en", "12/31/2026", "2026-12-31"},
		{"en-GB", "31/12/2026", "2026-12-31"},
		{"en", "in 2 weeks", "2026-12-07"},
	} {
		require.Equal(t, tt.want+"T12:00:00", head(first(t, "sys.date", tt.lang, tt.text)), tt.text)
	}
	for _, text := range []string{"por la mañana", "31 de febrero", "el 45/13/2026", "hoyo", "nada"} {
		require.Nil(t, first(t, "sys.date", "es", text), text)
	}
}

func TestTimes(t *testing.T) {
	for _, tt := range []struct{ lang, text, want string }{
		{"es", "a las 15:30", "15:30"},
		{"es", "a las 3 de la tarde", "15:00"},
		{"es", "a las 10 de la mañana", "10:00"},
		{"es", "las 8 y media de la noche", "20:30"},
		{"es", "a la 1", "13:00"},
		{"es", "a las 9", "09:00"},
		{"es", "a las 5 y cuarto", "17:15"},
		{"es", "09:05", "09:05"},
		{"es", "5:30 p.m.", "17:30"},
		{"es", "a mediodía", "12:00"},
		{"es", "a medianoche", "00:00"},
		{"en", "3pm", "15:00"},
		{"en", "at 10 am tomorrow", "10:00"},
		{"en", "12 am", "00:00"},
		{"en", "12:15 pm", "12:15"},
		{"en", "at 4", "16:00"},
		{"en", "at 7 o'clock", "07:00"},
		{"en", "at noon", "12:00"},
	} {
		got, _ := first(t, "sys.time", tt.lang, tt.text).(string)
		require.Equal(t, "2026-11-23T"+tt.want+":00", head(got), tt.text)
	}
	for _, text := range []string{"25:00", "a las 30", "10:75", "tres personas"} {
		require.Nil(t, first(t, "sys.time", "es", text), text)
	}
}

// head is a time without its zone.
func head(v any) string {
	s, _ := v.(string)
	return s[:min(len(s), len("2026-11-23T12:00:00"))]
}

func TestDateAndTimeAreOneWhereBothAreAsked(t *testing.T) {
	require.Equal(t, map[string]any{"date_time": "2026-11-24T15:30:00+01:00"}, first(t, "sys.date-time", "es", "mañana a las 15:30"))
	require.Equal(t, "2026-11-24T12:00:00+01:00", first(t, "sys.date-time", "es", "mañana"))
}

func TestOtherSystemEntities(t *testing.T) {
	type sum = map[string]any
	for _, tt := range []struct {
		entity, lang, text string
		want               any
	}{
		{"sys.number", "es", "somos 5", 5.0},
		{"sys.number", "es", "1.500 unidades", 1500.0},
		{"sys.number", "es", "3,5 kilos", 3.5},
		{"sys.number", "en", "1,500.25 pieces", 1500.25},
		{"sys.number", "en", "3.5 kilos", 3.5},
		{"sys.number", "es", "treinta y cinco", 35.0},
		{"sys.number", "en", "twenty five people", 25.0},
		{"sys.number", "es", "una mesa para cuatro", 4.0},
		{"sys.number", "es", "nada", nil},
		{"sys.number", "es", "A1234B", nil},
		{"sys.number-integer", "es", "3,5", nil},
		{"sys.number-integer", "es", "el pedido 10234", 10234.0},
		{"sys.ordinal", "en", "the 2nd one", 2.0},
		{"sys.ordinal", "es", "la tercera", 3.0},
		{"sys.percentage", "es", "un 15 %", "15%"},
		{"sys.email", "es", "es ana@EXAMPLE.com.", "ana@example.com"},
		{"sys.email", "es", "<josé.núñez@correo.es>;", "josé.núñez@correo.es"},
		{"sys.email", "es", "ana@example", nil},
		{"sys.email", "es", "@ana", nil},
		{"sys.url", "es", "mira https://tienda.es/a?b=1.", "https://tienda.es/a?b=1"},
		{"sys.url", "es", "tienda.es", "tienda.es"},
		{"sys.phone-number", "es", "llámame al +34 600 12 34 56", "+34600123456"},
		{"sys.phone-number", "es", "son 123", nil},
		{"sys.unit-currency", "es", "unos 20 euros", sum{"amount": 20.0, "currency": "EUR"}},
		{"sys.unit-currency", "en", "$9.99", sum{"amount": 9.99, "currency": "USD"}},
		{"sys.zip-code", "es", "28013 Madrid", "28013"},
		{"sys.duration", "en", "for 2 hours", sum{"amount": 2.0, "unit": "h"}},
		{"sys.duration", "en", "an hour", sum{"amount": 1.0, "unit": "h"}},
		{"sys.duration", "es", "media hora", sum{"amount": 30.0, "unit": "min"}},
		{"sys.duration", "es", "una hora y media", sum{"amount": 1.5, "unit": "h"}},
		{"sys.duration", "es", "3 días", sum{"amount": 3.0, "unit": "day"}},
		{"numero-pedido", "es", "es el a-1234, creo", "a-1234"},
		{"numero-pedido", "es", "AA-1234", nil},
		{"numero-pedido", "es", "A-12345", nil},
	} {
		require.Equal(t, tt.want, first(t, tt.entity, tt.lang, tt.text), "%s in %q", tt.entity, tt.text)
	}
}

func TestAnUnknownSystemEntityTakesWhatAPhraseLeaves(t *testing.T) {
	a := &Agent{language: "es", languages: []string{"es"}, indexes: map[string]*index{}, lexicons: map[string]*lexicon{}}
	i := &intent{name: "Me llamo", phrases: map[string][]phrase{"es": {{{text: "me llamo "}, {"Ana", "sys.person", "nombre"}, {text: " y vengo el "}, {"lunes", "sys.date", "dia"}}}}}
	a.intents = []*intent{i}
	a.finish()
	found := a.indexes["es"].matches(a.newFinder("Me llamo María José y vengo el viernes", "es", monday(t), nil), func(*intent) bool { return true })
	require.Len(t, found, 1)
	require.Equal(t, scoreOpen, found[0].score)
	require.Equal(t, "María José", found[0].values["nombre"].value.value)
	require.Equal(t, "2026-11-27T12:00:00+01:00", found[0].values["dia"].value.value)
}

// Many open slots on a text of the longest length must not take for ever.
func TestOpenSlotsDoNotExplode(t *testing.T) {
	var p phrase
	for range 12 {
		p = append(p, part{text: "x", entity: "sys.any", alias: "x"}, part{text: " a "})
	}
	text := ""
	for range 128 {
		text += "a "
	}
	tpl := newTemplate(&intent{}, append(p, part{text: "end"}))
	began := time.Now()
	_, ok := tpl.match((&Agent{}).newFinder(text, "es", monday(t), nil))
	require.False(t, ok)
	require.Less(t, time.Since(began), 2*time.Second)
}

func TestFold(t *testing.T) {
	for text, want := range map[string]string{
		"¿Qué TAL,  señor?":     "que tal senor",
		"What's up":             "whats up",
		"Jose\u0301 PÉREZ":      "jose perez",
		"ok👍🏽":                  "ok 👍 🏽",
		"a-1234":                "a 1234",
		" \t\n":                 "",
		"'quoted' don’t":        "quoted dont",
		"ΑΘΉΝΑ Straße İstanbul": "αθηνα straße istanbul",
	} {
		require.Equal(t, want, fold(text), "%q", text)
	}
}

// Offsets into the raw text survive folding, whatever the bytes.
func FuzzParse(f *testing.F) {
	f.Add("Jose\u0301 ❤\ufe0f 1.500 €")
	f.Add("\xff\xfe a")
	f.Fuzz(func(t *testing.T, raw string) {
		u := parse(raw)
		require.Len(t, u.at, len(u.folded)+1)
		last := 0
		for _, tok := range u.tokens {
			require.LessOrEqual(t, last, tok.start)
			require.Less(t, tok.start, tok.end)
			require.LessOrEqual(t, tok.end, len(raw))
			last = tok.end
		}
		finder := (&Agent{}).newFinder(raw, "es", time.Unix(0, 0), nil)
		for entity := range system {
			for _, s := range finder.spans(entity) {
				require.LessOrEqual(t, s.start, s.end)
				_ = raw[s.start:s.end]
			}
		}
	})
}
