package emulator

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Dates and times in Spanish and English, and ISO in any language. "Now" is
// the server's clock in the time zone of the request, or of the agent.

const (
	monthsES = `enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|diciembre`
	monthsEN = `january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec`
	daysES   = `lunes|martes|miercoles|jueves|viernes|sabado|domingo`
	daysEN   = `monday|tuesday|wednesday|thursday|friday|saturday|sunday`
)

var (
	dayLead     = regexp.MustCompile(`(?i)^(?:(?:el|este|on|next|this|coming|the) +)+`)
	isoDate     = regexp.MustCompile(`(\d{4})-(\d{2})-(\d{2})`)
	numericDate = regexp.MustCompile(`(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}|\d{2}))?`)
	relativeDay = regexp.MustCompile(`pasado manana|antes de ayer|anteayer|manana|hoy|ayer|(?:the )?day after tomorrow|tomorrow|today|tonight|yesterday`)
	inDays      = regexp.MustCompile(`(?:dentro de|en|in) (\d{1,3}) (dias?|days?|semanas?|weeks?)`)
	weekday     = regexp.MustCompile(`(?:(?:on |next |this |coming )*)(` + daysEN + `)|(?:el |este |proximo )*(` + daysES + `)(?: que viene| proximo)?`)
	dayMonthES  = regexp.MustCompile(`(?:el )?(\d{1,2}|primero) de (` + monthsES + `)(?: (?:de|del) (\d{4}))?`)
	dayMonthEN  = regexp.MustCompile(`(?:on )?(?:the )?(\d{1,2})(?:st|nd|rd|th)? (?:of )?(` + monthsEN + `)(?:,? (\d{4}))?`)
	monthDayEN  = regexp.MustCompile(`(?:on )?(` + monthsEN + `) (?:the )?(\d{1,2})(?:st|nd|rd|th)?(?:,? (\d{4}))?`)
)

// relative days, counted from today.
var relative = map[string]int{
	"hoy": 0, "today": 0, "tonight": 0, "manana": 1, "tomorrow": 1, "pasado manana": 2,
	"the day after tomorrow": 2, "day after tomorrow": 2,
	"ayer": -1, "yesterday": -1, "anteayer": -2, "antes de ayer": -2,
}

func findDate(f *finder) []span {
	var out []span
	found := func(s span, day time.Time, ok bool) {
		if ok {
			s.value.value = time.Date(day.Year(), day.Month(), day.Day(), 12, 0, 0, 0, f.now.Location()).Format(time.RFC3339)
			out = append(out, s)
			// The same without "on the", for phrases that have it in their own words.
			if lead := len(dayLead.FindString(s.value.original)); lead > 0 {
				s.start += lead
				s.value.original = s.value.original[lead:]
				out = append(out, s)
			}
		}
	}
	f.each(isoDate, func(s span, m []string) { day, ok := f.date(m[1], m[2], m[3]); found(s, day, ok) })
	f.each(numericDate, func(s span, m []string) {
		day, month := m[1], m[2]
		if f.lang == "en" || f.lang == "en-us" {
			day, month = month, day
		}
		date, ok := f.date(m[3], month, day)
		found(s, date, ok)
	})
	f.each(relativeDay, func(s span, m []string) {
		// "por la mañana" is a part of the day, not the day after
		if m[0] != "manana" || !strings.HasSuffix(fold(f.text.raw[:s.start]), " la") {
			found(s, f.now.AddDate(0, 0, relative[m[0]]), true)
		}
	})
	f.each(inDays, func(s span, m []string) {
		n, _ := strconv.Atoi(m[1])
		if m[2][0] == 's' || m[2][0] == 'w' {
			n *= 7
		}
		found(s, f.now.AddDate(0, 0, n), true)
	})
	f.each(weekday, func(s span, m []string) { found(s, f.nextWeekday(m[1]+m[2]), true) })
	f.each(dayMonthES, func(s span, m []string) { day, ok := f.date(m[3], m[2], m[1]); found(s, day, ok) })
	f.each(dayMonthEN, func(s span, m []string) { day, ok := f.date(m[3], m[2], m[1]); found(s, day, ok) })
	f.each(monthDayEN, func(s span, m []string) { day, ok := f.date(m[3], m[1], m[2]); found(s, day, ok) })
	return out
}

// date makes a date of its parts as written. Without a year it is the next
// such day, today included.
func (f *finder) date(year, month, day string) (time.Time, bool) {
	m, d := monthNumber(month), 1
	if day != "primero" {
		d, _ = strconv.Atoi(day)
	}
	y, _ := strconv.Atoi(year)
	if year == "" {
		y = f.now.Year()
	} else if y < 100 {
		y += 2000
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, f.now.Location())
	if t.Day() != d || int(t.Month()) != m { // 31 February and the like
		return time.Time{}, false
	}
	today := time.Date(f.now.Year(), f.now.Month(), f.now.Day(), 0, 0, 0, 0, f.now.Location())
	if year == "" && t.Before(today) {
		t = t.AddDate(1, 0, 0)
	}
	return t, true
}

func monthNumber(s string) int {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	for i, m := range strings.Split(monthsES, "|") {
		if m == s {
			if i > 8 { // "setiembre" is a second spelling
				return i
			}
			return i + 1
		}
	}
	for i, m := range strings.Split(monthsEN, "|")[:12] {
		if m[:3] == s[:3] {
			return i + 1
		}
	}
	return 0
}

// nextWeekday is the first such day after today.
func (f *finder) nextWeekday(name string) time.Time {
	for _, names := range []string{daysES, daysEN} {
		for i, d := range strings.Split(names, "|") {
			if d == name {
				ahead := (i + 1 - int(f.now.Weekday()) + 7) % 7
				if ahead == 0 {
					ahead = 7
				}
				return f.now.AddDate(0, 0, ahead)
			}
		}
	}
	return f.now
}

var (
	clockTime = regexp.MustCompile(`(?:a las? |sobre las? |at |around )?(\d{1,2})[:.](\d{2}) ?(?:h |h$|hs|hrs|horas)?(am|pm|a\.m\.|p\.m\.|a\. m\.|p\. m\.)?( de la manana| de la tarde| de la noche)?`)
	hourHalf  = regexp.MustCompile(`(?:a las? |at |around )?(\d{1,2}) ?(am|pm|a\.m\.|p\.m\.|a\. m\.|p\. m\.)`)
	hourAt    = regexp.MustCompile(`(?:a la|a las|sobre las|at|around) (\d{1,2})( y media| y cuarto)?( de la manana| de la tarde| de la noche| o.?clock)?`)
	hourOf    = regexp.MustCompile(`(?:las )?(\d{1,2})( y media| y cuarto)?( de la manana| de la tarde| de la noche| o.?clock)`)
	namedTime = regexp.MustCompile(`(?:al |a |at )?(mediodia|medianoche|noon|midday|midnight)`)
)

func findTime(f *finder) []span {
	var out []span
	found := func(s span, hour, minute, half string) {
		h, m, ok := clock(hour, minute, half)
		if !ok {
			return
		}
		at := time.Date(f.now.Year(), f.now.Month(), f.now.Day(), h, m, 0, 0, f.now.Location())
		s.value.value = at.Format(time.RFC3339)
		out = append(out, s)
		// The same without "at", for phrases that have it in their own words.
		if i := strings.IndexAny(s.value.original, "0123456789"); i > 0 {
			s.start += i
			s.value.original = s.value.original[i:]
			out = append(out, s)
		}
	}
	f.each(clockTime, func(s span, m []string) {
		end := strings.TrimRight(s.value.original, " ")
		s.end -= len(s.value.original) - len(end)
		s.value.original = end
		found(s, m[1], m[2], m[3]+m[4])
	})
	f.each(hourHalf, func(s span, m []string) { found(s, m[1], "", m[2]) })
	f.each(hourAt, func(s span, m []string) { found(s, m[1], m[2], m[3]) })
	f.each(hourOf, func(s span, m []string) { found(s, m[1], m[2], m[3]) })
	f.each(namedTime, func(s span, m []string) {
		if m[1] == "medianoche" || m[1] == "midnight" {
			found(s, "0", "00", "")
		} else {
			found(s, "12", "00", "")
		}
	})
	return out
}

// clock makes an hour and minute of what was said. An hour alone, from one to
// six, is in the afternoon, as nobody books a table at four in the morning.
func clock(hour, minute, half string) (h, m int, ok bool) {
	h, _ = strconv.Atoi(hour)
	switch strings.TrimSpace(minute) {
	case "y media":
		m = 30
	case "y cuarto":
		m = 15
	default:
		m, _ = strconv.Atoi(minute)
	}
	half = strings.NewReplacer(" ", "", ".", "").Replace(half)
	switch {
	case half == "pm" || half == "delatarde" || half == "delanoche":
		if h < 12 {
			h += 12
		}
	case half == "am" || half == "delamanana":
		if h == 12 {
			h = 0
		}
	case len(minute) != 2 && h >= 1 && h <= 6:
		h += 12
	}
	return h, m, h < 24 && m < 60
}

// findDateTime is @sys.date-time: a date and a time as one, or either.
func findDateTime(f *finder) []span {
	days, times := f.spans("sys.date"), f.spans("sys.time")
	out := append(append([]span{}, days...), times...)
	for _, d := range days {
		for _, t := range times {
			if d.start < t.end && t.start < d.end {
				continue
			}
			start, end := min(d.start, t.start), max(d.end, t.end)
			between := f.text.raw[min(d.end, t.end):max(d.start, t.start)]
			at, err := time.ParseInLocation("2006-01-02T15:04:05",
				d.value.value.(string)[:11]+t.value.value.(string)[11:19], f.now.Location())
			if err != nil || len(parse(between).tokens) > 2 {
				continue
			}
			both := map[string]any{"date_time": at.Format(time.RFC3339)}
			out = append(out, span{start, end, value{both, f.text.raw[start:end]}})
		}
	}
	return out
}

var durationPattern = regexp.MustCompile(`(?:(\d+(?:[.,]\d+)?|an?|una?|half an?|media|` +
	`dos|tres|cuatro|cinco|seis|two|three|four|five|six) ?)` +
	`(seconds?|segundos?|minutes?|minutos?|mins?|hours?|horas?|hrs?|h|days?|dias?|weeks?|semanas?|months?|mes(?:es)?|years?|anos?)( y media)?`)

func findDuration(f *finder) []span {
	var out []span
	f.each(durationPattern, func(s span, m []string) {
		amount, ok := units[m[1]], true
		switch m[1] {
		case "a", "an", "un", "una":
			amount = 1
		case "half a", "half an", "media":
			amount = 0.5
		default:
			if amount == 0 {
				amount, ok = parseNumber(m[1], f.root())
			}
		}
		if !ok {
			return
		}
		if m[3] != "" {
			amount += 0.5
		}
		unit := durationUnit(m[2])
		if amount == 0.5 && unit == "h" {
			amount, unit = 30, "min"
		}
		s.value.value = map[string]any{"amount": amount, "unit": unit}
		out = append(out, s)
	})
	return out
}

func durationUnit(s string) string {
	switch {
	case strings.HasPrefix(s, "mes") || strings.HasPrefix(s, "month"):
		return "mo"
	case strings.HasPrefix(s, "sem") || s[0] == 'w':
		return "wk"
	case s[0] == 's':
		return "s"
	case s[0] == 'm':
		return "min"
	case s[0] == 'h':
		return "h"
	case s[0] == 'd':
		return "day"
	}
	return "yr"
}
