package channel

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page
	"encoding/base64"
	"errors"
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"relevo/router"
	"relevo/router/api"
	"relevo/router/fault"
	"relevo/router/texts"
)

var (
	//go:embed survey.html
	surveyHTML string
	//go:embed survey.css
	surveyStyle string

	surveyTemplate = template.Must(template.New("survey").Parse(surveyHTML))
	// surveyPolicy lets the page be drawn and its form be sent, and nothing else.
	surveyPolicy = "default-src 'none'; style-src '" + styleHash(surveyStyle) + "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

func styleHash(style string) string {
	sum := sha256.Sum256([]byte(style))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// surveySigns are what stands for the ratings 1 to 5.
var surveySigns = map[string][]string{"emoji": {"😞", "😑", "😐", "😀", "😍"}, "star": {"★", "★★", "★★★", "★★★★", "★★★★★"}}

// surveyPageData is what the page says.
type surveyPageData struct {
	Language, Title, Inbox, Heading, Notice, Legend, Ask, Feedback, Send string

	Style   template.CSS
	Ratings []surveyRating // none: there is nothing to answer
	Locked  bool
}

type surveyRating struct {
	Value      int
	Sign, Name string
	Chosen     bool
}

// surveyPage serves a page that asks and takes an answer, for customers who
// have no widget. It works without scripts.
func (ch *Channel) surveyPage(s *api.Server) {
	page := api.Operation{Method: http.MethodGet, Path: router.SurveyPath + ":conversation_uuid", Name: "getSurveyPage",
		Summary: "The page that asks a customer what they think of a conversation", Description: "Whoever knows the address may answer. It works without scripts.",
		Answers: []api.Answer{
			{Status: http.StatusOK, Meaning: "The page", Type: "text/html"},
			{Status: http.StatusNotFound, Meaning: "No survey", Type: "text/html"},
			{Status: http.StatusTooManyRequests, Meaning: "Your address asks too often", Type: "text/html"},
			{Status: http.StatusInternalServerError, Meaning: "Our fault", Type: "text/html"},
		}}
	s.Mount(page, http.HandlerFunc(ch.showSurveyPage))
	page.Method, page.Name, page.Summary = http.MethodPost, "answerSurveyPage", "The form of that page"
	page.Answers = append([]api.Answer{{Status: http.StatusSeeOther, Meaning: "Taken; the page shows it"},
		{Status: http.StatusUnprocessableEntity, Meaning: "No rating, too long a comment, or too late", Type: "text/html"},
		{Status: http.StatusRequestEntityTooLarge, Meaning: "Too large a form", Type: "text/html"}}, page.Answers[1:]...)
	s.Mount(page, http.HandlerFunc(ch.takeSurveyForm))
}

// surveyOfPage returns the survey that a page's address names.
func (ch *Channel) surveyOfPage(r *http.Request) (*router.SurveyView, error) {
	if err := ch.ips.Take(api.ClientIP(r.Context())); err != nil {
		return nil, err
	}
	return ch.router.SurveyOf(r.Context(), strings.TrimPrefix(r.URL.Path, router.SurveyPath))
}

func (ch *Channel) showSurveyPage(w http.ResponseWriter, r *http.Request) {
	v, err := ch.surveyOfPage(r)
	if err != nil {
		writeSurveyError(w, r, err)
		return
	}
	notice := ""
	switch {
	case !v.Open:
		notice = say(v, "closed")
	case v.Survey.Rating != nil:
		notice = say(v, "thanks")
	}
	writeSurveyPage(w, http.StatusOK, surveyData(v, notice))
}

func (ch *Channel) takeSurveyForm(w http.ResponseWriter, r *http.Request) {
	v, err := ch.surveyOfPage(r)
	if err != nil {
		writeSurveyError(w, r, err)
		return
	}
	if err := r.ParseForm(); err != nil {
		if body, large := errors.AsType[*http.MaxBytesError](err); large {
			writeSurveyError(w, r, fault.TooLarge.With("limit", body.Limit))
			return
		}
		// What of the form could be read is judged like any other.
	}
	rating, _ := strconv.Atoi(r.PostForm.Get("rating"))
	if rating == 0 {
		rating = -1 // the form always has one
	}
	// Forms send a line's end as two characters, which the field counted as one.
	feedback := strings.ReplaceAll(r.PostForm.Get("feedback_message"), "\r\n", "\n")
	_, err = ch.router.AnswerSurvey(r.Context(), v.Conversation.UUID, router.SurveyAnswer{Rating: rating, Feedback: &feedback})
	switch {
	case err == nil:
		http.Redirect(w, r, router.SurveyPath+v.Conversation.UUID, http.StatusSeeOther)
	case errors.Is(err, fault.SurveyClosed):
		writeSurveyPage(w, http.StatusUnprocessableEntity, surveyData(v, say(v, "closed")))
	case errors.Is(err, fault.Invalid):
		writeSurveyPage(w, http.StatusUnprocessableEntity, surveyData(v, say(v, "wrong")).as(rating, feedback))
	default:
		writeSurveyError(w, r, err)
	}
}

// say is a sentence of the page, in the language of the inbox.
func say(v *router.SurveyView, key string) string {
	return texts.Say(v.Inbox.Settings.Locale, "survey.page."+key, nil)
}

func surveyData(v *router.SurveyView, notice string) surveyPageData {
	d := surveyPageData{Language: v.Inbox.Settings.Locale, Title: say(v, "title"), Inbox: v.Inbox.Name, Heading: v.Asked(), Notice: notice,
		Legend: say(v, "legend"), Ask: say(v, "ask"), Feedback: v.Survey.Feedback, Send: say(v, "send"), Locked: !v.Open, Style: template.CSS(surveyStyle)}
	for i, sign := range surveySigns[v.Inbox.Settings.Survey.DisplayType()] {
		value := i + 1
		d.Ratings = append(d.Ratings, surveyRating{Value: value, Sign: sign, Name: say(v, "rating."+strconv.Itoa(value)),
			Chosen: v.Survey.Rating != nil && *v.Survey.Rating == value})
	}
	return d
}

// as shows what the customer has sent, for them to mend.
func (d surveyPageData) as(rating int, feedback string) surveyPageData {
	d.Feedback = strings.ReplaceAll(strings.ToValidUTF8(feedback, ""), "\x00", "")
	for i := range d.Ratings {
		if 1 <= rating && rating <= len(d.Ratings) {
			d.Ratings[i].Chosen = d.Ratings[i].Value == rating
		}
	}
	return d
}

// writeSurveyError shows a page without a form, in the language of the browser.
func writeSurveyError(w http.ResponseWriter, r *http.Request, err error) {
	f := fault.From(err)
	lang := api.Language(r.Context())
	key := "fault." + f.Code
	if f.Status == http.StatusNotFound {
		key = "survey.page.unknown"
	}
	writeSurveyPage(w, f.Status, surveyPageData{Language: lang, Title: texts.Say(lang, "survey.page.title", nil),
		Heading: texts.Say(lang, key, f.Params), Style: template.CSS(surveyStyle)})
}

func writeSurveyPage(w http.ResponseWriter, status int, d surveyPageData) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", surveyPolicy)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	var page bytes.Buffer
	if err := surveyTemplate.Execute(&page, d); err != nil { // a mistake of the program; a test draws every page
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.WriteHeader(status)
	_, _ = w.Write(page.Bytes()) // whoever has gone reads no answer
}
