package dialogflow

import (
	"slices"
	"strings"

	"cloud.google.com/go/dialogflow/apiv2/dialogflowpb"

	"relevo/bot"
)

// decodeMessage turns one message into what a chat can show: words, choices, or
// a payload. Pictures and links become lines with their address. Tables and
// media exist for one voice platform only and say nothing here.
func decodeMessage(m *dialogflowpb.Intent_Message) []bot.Message {
	switch m := m.GetMessage().(type) {
	case *dialogflowpb.Intent_Message_Text_:
		return words(firstWords(m.Text.GetText()))
	case *dialogflowpb.Intent_Message_QuickReplies_:
		return []bot.Message{{Text: clean(m.QuickReplies.GetTitle()), Choices: choices(m.QuickReplies.GetQuickReplies())}}
	case *dialogflowpb.Intent_Message_Payload:
		return []bot.Message{{Payload: asMap(m.Payload)}}
	case *dialogflowpb.Intent_Message_Image_:
		return words(m.Image.GetAccessibilityText(), m.Image.GetImageUri())
	case *dialogflowpb.Intent_Message_Card_:
		return []bot.Message{card(m.Card)}
	case *dialogflowpb.Intent_Message_SimpleResponses_:
		return simpleResponses(m.SimpleResponses)
	case *dialogflowpb.Intent_Message_BasicCard_:
		return words(basicCard(m.BasicCard)...)
	case *dialogflowpb.Intent_Message_Suggestions_:
		var titles []string
		for _, s := range m.Suggestions.GetSuggestions() {
			titles = append(titles, s.GetTitle())
		}
		return []bot.Message{{Choices: choices(titles)}}
	case *dialogflowpb.Intent_Message_LinkOutSuggestion_:
		return words(link(m.LinkOutSuggestion.GetDestinationName(), m.LinkOutSuggestion.GetUri()))
	case *dialogflowpb.Intent_Message_ListSelect_:
		var titles []string
		for _, item := range m.ListSelect.GetItems() {
			titles = append(titles, item.GetTitle())
		}
		return []bot.Message{{Text: lines(m.ListSelect.GetTitle(), m.ListSelect.GetSubtitle()), Choices: choices(titles)}}
	case *dialogflowpb.Intent_Message_CarouselSelect_:
		var titles []string
		for _, item := range m.CarouselSelect.GetItems() {
			titles = append(titles, item.GetTitle())
		}
		return []bot.Message{{Choices: choices(titles)}}
	}
	return nil
}

// card keeps a button that opens an address as a line, and any other as a
// choice: what it sends back is what the agent understands.
func card(c *dialogflowpb.Intent_Message_Card) bot.Message {
	text := []string{c.GetTitle(), c.GetSubtitle(), c.GetImageUri()}
	var sent []string
	for _, button := range c.GetButtons() {
		switch postback := strings.TrimSpace(button.GetPostback()); {
		case isAddress(postback):
			text = append(text, link(button.GetText(), postback))
		case postback != "":
			sent = append(sent, postback)
		default:
			sent = append(sent, button.GetText())
		}
	}
	return bot.Message{Text: lines(text...), Choices: choices(sent)}
}

func basicCard(c *dialogflowpb.Intent_Message_BasicCard) []string {
	text := []string{c.GetTitle(), c.GetSubtitle(), c.GetFormattedText(), c.GetImage().GetImageUri()}
	for _, button := range c.GetButtons() {
		text = append(text, link(button.GetTitle(), button.GetOpenUriAction().GetUri()))
	}
	return text
}

func simpleResponses(r *dialogflowpb.Intent_Message_SimpleResponses) []bot.Message {
	var out []bot.Message
	for _, s := range r.GetSimpleResponses() {
		out = append(out, words(firstWords([]string{s.GetDisplayText(), s.GetTextToSpeech()}))...)
	}
	return out
}

func words(text ...string) []bot.Message { return []bot.Message{{Text: lines(text...)}} }

// firstWords returns the first variant that is not blank.
func firstWords(variants []string) string {
	for _, v := range variants {
		if v = clean(v); strings.TrimSpace(v) != "" {
			return v
		}
	}
	return ""
}

// lines joins what is not blank.
func lines(text ...string) string { return strings.Join(notBlank(text), "\n") }

// choices leaves out what is blank, what is there already (two buttons that
// send the same are one), and what is beyond maxChoices.
func choices(titles []string) []string {
	var out []string
	for _, title := range notBlank(titles) {
		if len(out) < maxChoices && !slices.Contains(out, title) {
			out = append(out, title)
		}
	}
	return out
}

func notBlank(text []string) []string {
	var out []string
	for _, t := range text {
		if t = strings.TrimSpace(clean(t)); t != "" {
			out = append(out, t)
		}
	}
	return out
}

// link is "name: address", or whichever of them there is.
func link(name, address string) string {
	parts := choices([]string{name, address})
	return strings.Join(parts, ": ")
}

func isAddress(s string) bool {
	for _, scheme := range []string{"https://", "http://", "mailto:", "tel:"} {
		if strings.HasPrefix(s, scheme) {
			return true
		}
	}
	return false
}
