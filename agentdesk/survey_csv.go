package agentdesk

import (
	"bytes"
	"context"
	"encoding/csv"
	"strconv"
	"strings"

	"relevo/router"
	"relevo/router/api"
	"relevo/router/texts"
)

// surveyColumns are the keys of a download's headings, in their order.
var surveyColumns = []string{"agent", "rating", "feedback", "name", "email", "phone", "conversation", "answered_at"}

func (d *Desk) downloadSurveys(ctx context.Context, in *surveyQuery) (api.Download, error) {
	filter, err := in.filter(ctx)
	if err != nil {
		return api.Download{}, err
	}
	surveys, err := d.router.AllSurveys(ctx, filter)
	if err != nil {
		return api.Download{}, err
	}
	var b bytes.Buffer
	b.WriteString("\ufeff") // spreadsheets take the text for UTF-8 then
	w := csv.NewWriter(&b)
	var heading []string
	for _, key := range surveyColumns {
		heading = append(heading, texts.Say(api.Language(ctx), "survey.column."+key, nil))
	}
	w.Write(heading) // a buffer takes everything; Error tells all the same
	for i := range surveys {
		w.Write(surveyLine(&surveys[i]))
	}
	w.Flush()
	return api.Download{Name: "csat.csv", Body: b.Bytes()}, w.Error()
}

func surveyLine(s *router.AnsweredSurvey) []string {
	agent := ""
	if s.Agent != nil {
		agent = s.Agent.Name
	}
	return []string{plainCell(agent), strconv.Itoa(*s.Rating), plainCell(s.Feedback), plainCell(s.Contact.Name), plainCell(s.Contact.Email),
		plainCell(s.Contact.PhoneNumber), strconv.FormatInt(s.ConversationID, 10), *iso(s.AnsweredAt)}
}

// plainCell keeps a customer's text from being run as a formula by the
// spreadsheet that opens the file.
func plainCell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n|%", rune(s[0])) {
		return "'" + s
	}
	return s
}
