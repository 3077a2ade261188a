package bot

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/bot/flow"
	"relevo/router"
)

const emailFlow = "- collect: email\n  ask: '¿Correo?'\n  invalid: 'No vale.'\n  attempts: 2\n- dialogflow: {agent: reservas}\n"

func TestAKnownAnswerIsNotAskedAgain(t *testing.T) {
	k := newTalk(t, "- collect: email\n- collect: name\n- collect: phone\n- collect: text\n  into: pedido\n- say: 'listo {{ contact.phone }} {{ data.pedido }}'\n")
	k.turn.Contact = router.TurnContact{Email: "a@b.co", Name: "Ana", PhoneNumber: "+34600000000", Attributes: map[string]any{"pedido": "42"}}
	o := k.says("hola")
	require.Equal(t, "listo +34600000000 42", o.Say[0].Content)
	require.Zero(t, o.Contact)
}

func TestWhatIsCollectedGoesToTheContactOrTheData(t *testing.T) {
	k := newTalk(t, "- collect: name\n- collect: phone\n- collect: text\n  into: pedido\n  ask: '¿Pedido?'\n- say: 'Gracias, {{ contact.name }}.'\n")
	k.says("hola")
	require.Equal(t, "Ana García", k.says("Hola, me llamo Ana García.").Contact.Name)
	require.Equal(t, "+525512345678", k.says("mi tel es +52 (55) 1234-5678, gracias").Contact.PhoneNumber)
	o := k.says("  el 42  ")
	require.Zero(t, o.Contact)
	require.Equal(t, "Gracias, Ana García.", o.Say[0].Content)
	require.Equal(t, map[string]any{"name": "Ana García", "phone": "+525512345678", "pedido": "el 42"}, o.Handoff.Data)
}

func TestAnAddressInTheOpenerIsTaken(t *testing.T) {
	k := newTalk(t, emailFlow)
	o := k.says("Hola, soy ana@ejemplo.com y quiero una mesa")
	require.Equal(t, "ana@ejemplo.com", o.Contact.Email)
	require.Equal(t, []string{"Hola. soy y quiero una mesa"}, k.questions())
}

func TestAnOpenerThatIsOnlyAnAddressIsNotAskedTheAgent(t *testing.T) {
	k := newTalk(t, emailFlow)
	o := k.says("ana@ejemplo.com")
	require.Equal(t, "ana@ejemplo.com", o.Contact.Email)
	require.Empty(t, k.agent.asked)
	require.Equal(t, []string{ready}, said(o))
}

func TestAnAddressIsFoundInAllThatWasSaidTogether(t *testing.T) {
	k := newTalk(t, emailFlow)
	k.says("hola")
	require.Equal(t, "ana@ejemplo.com", k.says("claro", "es ana@ejemplo.com", "gracias").Contact.Email)
}

func TestAnInvalidAnswerIsAskedAgainOnlySoOften(t *testing.T) {
	k := newTalk(t, emailFlow)
	k.says("hola")
	require.Equal(t, []string{"No vale."}, said(k.says("ana@")))
	o := k.says("ana@ejemplo")
	require.Equal(t, []string{"vale"}, said(o), "it goes on to the agent")
	require.Equal(t, []string{"hola"}, k.questions())

	k = newTalk(t, "- collect: email\n  attempts: 1\n  otherwise: handoff\n- handoff: {team: ventas, say: 'Te paso.'}\n")
	k.says("hola")
	o = k.says("ni idea")
	require.Equal(t, router.ReasonCollectFailed, reason(o))
	require.Equal(t, "email", o.Handoff.Trigger)
	require.Equal(t, "ventas", o.Handoff.Team)
	require.Equal(t, []string{"Te paso."}, said(o))
}

func TestWhatWasSaidInsteadOfAnAnswerReachesTheAgent(t *testing.T) {
	k := newTalk(t, "- collect: email\n  attempts: 1\n- dialogflow: {agent: reservas}\n")
	k.without(router.CauseResumed)
	k.says("¿a qué hora abren?")
	require.Equal(t, []string{"¿a qué hora abren?"}, k.questions())

	k = newTalk(t, "- collect: email\n- dialogflow: {agent: reservas}\n")
	k.without(router.CauseResumed)
	require.Equal(t, []string{"De acuerdo, seguimos sin ese dato.", "vale"}, said(k.says("no me llega el pedido")))
	require.Equal(t, []string{"no me llega el pedido"}, k.questions())
}

func TestAQuestionAskedWhileCollectingIsNotLostToAGreeting(t *testing.T) {
	for opener, asked := range map[string]string{"¡Hola!": "¡Hola! ¿a qué hora abren?", "quiero una mesa": "quiero una mesa"} {
		k := newTalk(t, "- collect: email\n- dialogflow: {agent: reservas}\n")
		k.says(opener)
		k.says("¿a qué hora abren?")
		k.says("ana@") // an attempt, not a question
		k.says("ana@ejemplo.com")
		require.Equal(t, []string{asked}, k.questions())
	}
}

func TestCancelWordsSkipTheQuestion(t *testing.T) {
	for _, text := range []string{"no", "No, gracias", "prefiero no", "cancelar", "la verdad prefiero no darlo", "PASO"} {
		k := newTalk(t, emailFlow)
		k.says("hola")
		require.Equal(t, []string{"De acuerdo, seguimos sin ese dato.", "vale"}, said(k.says(text)), text)
		k.comesBack(router.EntryGivenBack)
		require.Equal(t, []string{"vale"}, said(k.says("otra cosa")), "who declined is not asked again")
	}
	k := newTalk(t, emailFlow)
	k.says("hola")
	require.Equal(t, "ana@ejemplo.com", k.says("no, mejor ana@ejemplo.com").Contact.Email, "an answer is no refusal")

	k = newTalk(t, "- collect: email\n  otherwise: handoff\n")
	k.says("hola")
	o := k.says("no quiero")
	require.Equal(t, router.ReasonCollectFailed, reason(o))
	require.Equal(t, []string{ack}, said(o), "one acknowledgement, nothing else")
}

func TestACancelWordInsideFreeTextIsNoRefusal(t *testing.T) {
	k := newTalk(t, "- collect: text\n  into: problema\n")
	k.says("hola")
	o := k.says("no me funciona la puerta")
	require.Equal(t, "no me funciona la puerta", o.Handoff.Data["problema"])
}

func TestAMistypedDomainIsAskedAboutOnce(t *testing.T) {
	cases := []struct{ answer, email string }{
		{"sí", "ana@gmail.com"}, {"Si, perdón", "ana@gmail.com"}, {"no", "ana@gmial.com"},
		{"ana@gmial.com", "ana@gmial.com"}, {"es ana@otra.com", "ana@otra.com"},
	}
	for _, c := range cases {
		k := newTalk(t, emailFlow)
		k.says("hola")
		o := k.says("ana@gmial.com")
		require.Equal(t, []string{"¿Quisiste decir ana@gmail.com?"}, said(o))
		require.Zero(t, o.Contact)
		require.Equal(t, c.email, k.says(c.answer).Contact.Email, c.answer)
	}
	k := newTalk(t, emailFlow)
	k.says("hola")
	k.says("ana@gmial.com")
	require.Equal(t, []string{"No vale."}, said(k.says("¿qué?")))
	require.Equal(t, "ana@gmail.com", k.says("ana@gmail.com").Contact.Email)
}

func TestAFileIsNoAnswer(t *testing.T) {
	k := newTalk(t, emailFlow)
	k.says("hola")
	require.Equal(t, []string{"No vale."}, said(k.sendsFile()))
}

func TestFindEmail(t *testing.T) {
	cases := []struct{ text, email string }{
		{"ana@ejemplo.com", "ana@ejemplo.com"},
		{"Es Ana.Garcia+tienda@EJEMPLO.Com.", "Ana.Garcia+tienda@ejemplo.com"},
		{"(ana@ejemplo.com)", "ana@ejemplo.com"},
		{"<mailto:ana@ejemplo.com>", "ana@ejemplo.com"},
		{"¿sirve ana@ejemplo.com?", "ana@ejemplo.com"},
		{"ana@ejemplo.com!!", "ana@ejemplo.com"},
		{"ana @ ejemplo.com", "ana@ejemplo.com"},
		{"info@MUÑOZ.es", "info@muñoz.es"},
		{"yo@例え.テスト", "yo@例え.テスト"},
		{"x@xn--muoz-hqa.es", "x@xn--muoz-hqa.es"},
		{"a@b@c.com o mejor z@c.com", "z@c.com"},
		{"o'neil@ejemplo.ie", "o'neil@ejemplo.ie"},
		{"ana@ejemplo", ""}, {"@ejemplo.com", ""}, {"ana@.com", ""}, {"ana..b@ejemplo.com", ""},
		{"ana@ejemplo.c", ""}, {"ana@1.2.3.4", ""}, {"ana@-ejemplo.com", ""}, {"arroba", ""}, {"josé@correo.es", ""}, {"", ""},
	}
	for _, c := range cases {
		got, ok := findEmail(c.text)
		require.Equal(t, c.email, got, c.text)
		require.Equal(t, c.email != "", ok, c.text)
	}
}

func TestLikelyEmail(t *testing.T) {
	for typed, meant := range map[string]string{
		"a@gmial.com": "a@gmail.com", "a@gmail.con": "a@gmail.com", "a@hotmal.com": "a@hotmail.com", "a@outlok.es": "a@outlook.es",
		"a@gmial.con": "a@gmail.com", "a@empresa.con": "a@empresa.com", "a@yaho.com.mx": "a@yahoo.com.mx",
		"a@gmail.com": "", "a@mail.com": "", "a@ymail.com": "", "a@empresa.com": "", "a@hotmail.fr": "", "a@live.cl": "", "a@gmx.es": "",
	} {
		require.Equal(t, meant, likelyEmail(typed), typed)
	}
}

func TestFindPhone(t *testing.T) {
	for text, want := range map[string]string{
		"+34 600 11 22 33": "+34600112233", "0034600112233": "+34600112233", "55 1234 5678": "5512345678",
		"llámame al (55) 1234-5678 hoy": "5512345678", "123456": "", "1234567": "1234567", "12345678901234567": "", "no": "",
		"pedido 12, tel 5512345678": "5512345678",
	} {
		got, _ := findPhone(text)
		require.Equal(t, want, got, text)
	}
}

func TestFindName(t *testing.T) {
	for text, want := range map[string]string{
		"Ana": "Ana", "soy Ana García": "Ana García", "Mi nombre es José María de la O.": "José María de la O", "I'm Ann-Marie O'Neil": "Ann-Marie O'Neil",
		"¡Ana!": "Ana", "hola": "", "Buenos días": "", "¿para qué lo quieres?": "", "42": "", "ana@ejemplo.com": "", "": "",
		"quiero saber a qué hora abren hoy": "",
	} {
		got, _ := findName(text)
		require.Equal(t, want, got, text)
	}
}

func TestDeclinesLeavesOtherStepsAlone(t *testing.T) {
	c := &flow.Collect{What: flow.CollectName, Cancel: []string{"no"}}
	require.True(t, declines(c, "¡No!"))
	require.False(t, declines(c, "Noé"))
	require.False(t, declines(c, ""))
	require.False(t, declines(&flow.Collect{What: flow.CollectEmail}, "no"), "an empty list")
}

func TestAQuestionBesideTheAddressIsAnswered(t *testing.T) {
	k := newTalk(t, "- collect: email\n- dialogflow: {agent: reservas}\n")
	k.says("hola")
	k.says("es ana@example.com, ¿cuánto cuesta el envío?")
	require.Equal(t, []string{"cuánto cuesta el envío"}, k.questions())

	k = newTalk(t, "- collect: email\n- dialogflow: {agent: reservas}\n")
	k.says("¿cuánto cuesta el envío? mi correo es ana@example.com")
	require.Equal(t, []string{"cuánto cuesta el envío"}, k.questions(), "the address itself is no question")
}
