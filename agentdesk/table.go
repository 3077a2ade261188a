package agentdesk

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"regexp"
	"strings"
	"time"

	"relevo/router/api"
	"relevo/router/texts"
)

const csvFile = "text/csv; charset=utf-8"

// headings are the texts of keys below a prefix, in the reader's language.
func headings(ctx context.Context, prefix string, keys []string) []string {
	var line []string
	for _, key := range keys {
		line = append(line, texts.Say(api.Language(ctx), prefix+key, nil))
	}
	return line
}

// table is a file for spreadsheets. No cell of it is run as a formula.
func table(name string, heading []string, lines [][]string) (api.Download, error) {
	var b bytes.Buffer
	b.WriteString("\ufeff") // spreadsheets take the text for UTF-8 then
	w := csv.NewWriter(&b)
	for _, line := range append([][]string{heading}, lines...) {
		plain := make([]string, len(line))
		for i, cell := range line {
			plain[i] = plainCell(cell)
		}
		w.Write(plain) // a buffer takes everything; Error tells all the same
	}
	w.Flush()
	return api.Download{Name: name, Body: b.Bytes()}, w.Error()
}

// phoneNumber is no formula, whatever a spreadsheet makes of it.
var phoneNumber = regexp.MustCompile(`^\+[0-9]{7,15}$`)

// plainCell keeps a customer's text from being run as a formula by the
// spreadsheet that opens the file.
func plainCell(s string) string {
	if s != "" && !phoneNumber.MatchString(s) && strings.ContainsRune("=+-@\t\r\n|%", rune(s[0])) {
		return "'" + s
	}
	return s
}

// clock writes seconds as spreadsheets read a length of time, 26:03:09; ""
// where there are none.
func clock(seconds *float64) string {
	if seconds == nil {
		return ""
	}
	d := time.Duration(*seconds * float64(time.Second)).Round(time.Second)
	return fmt.Sprintf("%d:%02d:%02d", d/time.Hour, d/time.Minute%60, d/time.Second%60)
}
