package emulator

import (
	"cmp"
	"strings"

	pb "cloud.google.com/go/dialogflow/apiv2/dialogflowpb"
	"google.golang.org/protobuf/types/known/structpb"
)

// message is one answer of an intent, ready to be sent once its parameters
// are put in. A text has variants, of which one turn sends one.
type message struct {
	lang     string // empty: any language
	platform pb.Intent_Message_Platform
	variants []string           // of a text
	rich     *pb.Intent_Message // of anything else
}

// messageFile is a message in an export; which fields are there depends on
// the type. The last ones are those of Actions on Google.
type messageFile struct {
	Type     tag    `json:"type"`
	Platform string `json:"platform"`
	Lang     string `json:"lang"`
	Speech   words  `json:"speech"`

	Title    string         `json:"title"`
	Subtitle string         `json:"subtitle"`
	ImageURL string         `json:"imageUrl"`
	Buttons  []buttonFile   `json:"buttons"`
	Replies  words          `json:"replies"`
	Payload  map[string]any `json:"payload"`

	TextToSpeech    string           `json:"textToSpeech"`
	DisplayText     string           `json:"displayText"`
	FormattedText   string           `json:"formattedText"`
	Image           imageFile        `json:"image"`
	Suggestions     []suggestionFile `json:"suggestions"`
	DestinationName string           `json:"destinationName"`
	URL             string           `json:"url"`
	Items           []itemFile       `json:"items"`
}

type buttonFile struct {
	Text          string `json:"text"`
	Postback      string `json:"postback"`
	Title         string `json:"title"`
	OpenURLAction struct {
		URL string `json:"url"`
	} `json:"openUrlAction"`
}

type imageFile struct {
	URL               string `json:"url"`
	AccessibilityText string `json:"accessibilityText"`
}

type suggestionFile struct {
	Title string `json:"title"`
}

type itemFile struct {
	TextToSpeech string    `json:"textToSpeech"`
	DisplayText  string    `json:"displayText"`
	Title        string    `json:"title"`
	Description  string    `json:"description"`
	Image        imageFile `json:"image"`
	OptionInfo   struct {
		Key      string `json:"key"`
		Synonyms words  `json:"synonyms"`
	} `json:"optionInfo"`
}

// platforms as the exports name them. Telephony is not among those of v2.
var platforms = map[string]pb.Intent_Message_Platform{
	"":                  pb.Intent_Message_PLATFORM_UNSPECIFIED,
	"facebook":          pb.Intent_Message_FACEBOOK,
	"slack":             pb.Intent_Message_SLACK,
	"telegram":          pb.Intent_Message_TELEGRAM,
	"kik":               pb.Intent_Message_KIK,
	"skype":             pb.Intent_Message_SKYPE,
	"line":              pb.Intent_Message_LINE,
	"viber":             pb.Intent_Message_VIBER,
	"google":            pb.Intent_Message_ACTIONS_ON_GOOGLE,
	"hangouts":          pb.Intent_Message_GOOGLE_HANGOUTS,
	"google_hangouts":   pb.Intent_Message_GOOGLE_HANGOUTS,
	"actions_on_google": pb.Intent_Message_ACTIONS_ON_GOOGLE,
}

// newMessage makes a message of its file, and reports whether v2 has such.
func newMessage(f messageFile) (message, bool) {
	platform, known := platforms[strings.ToLower(f.Platform)]
	if !known {
		return message{}, false
	}
	m := message{lang: strings.ToLower(f.Lang), platform: platform}
	switch f.Type {
	case "0", "", "text":
		m.variants = f.Speech
		if len(m.variants) == 0 {
			m.variants = []string{""} // the real service sends a blank text too
		}
		return m, true
	}
	m.rich = richMessage(f)
	if m.rich != nil {
		m.rich.Platform = platform
	}
	return m, m.rich != nil
}

// richMessage makes everything but texts; nil is a type that is not known.
func richMessage(f messageFile) *pb.Intent_Message {
	switch f.Type {
	case "1", "card":
		return &pb.Intent_Message{Message: &pb.Intent_Message_Card_{Card: &pb.Intent_Message_Card{
			Title: f.Title, Subtitle: f.Subtitle, ImageUri: f.ImageURL, Buttons: cardButtons(f.Buttons)}}}
	case "2", "quick_replies":
		return &pb.Intent_Message{Message: &pb.Intent_Message_QuickReplies_{
			QuickReplies: &pb.Intent_Message_QuickReplies{Title: f.Title, QuickReplies: f.Replies}}}
	case "3", "image":
		return &pb.Intent_Message{Message: &pb.Intent_Message_Image_{
			Image: &pb.Intent_Message_Image{ImageUri: f.ImageURL}}}
	case "4", "payload", "custom_payload":
		payload, err := structpb.NewStruct(f.Payload)
		if err != nil {
			return nil
		}
		return &pb.Intent_Message{Message: &pb.Intent_Message_Payload{Payload: payload}}
	}
	return googleMessage(f)
}

// googleMessage makes the types of Actions on Google that still occur.
func googleMessage(f messageFile) *pb.Intent_Message {
	switch f.Type {
	case "simple_response":
		r := &pb.Intent_Message_SimpleResponses{}
		for _, i := range append([]itemFile{{TextToSpeech: f.TextToSpeech, DisplayText: f.DisplayText}}, f.Items...) {
			if cmp.Or(i.TextToSpeech, i.DisplayText) != "" {
				r.SimpleResponses = append(r.SimpleResponses,
					&pb.Intent_Message_SimpleResponse{TextToSpeech: i.TextToSpeech, DisplayText: i.DisplayText})
			}
		}
		return &pb.Intent_Message{Message: &pb.Intent_Message_SimpleResponses_{SimpleResponses: r}}
	case "suggestion_chips":
		s := &pb.Intent_Message_Suggestions{}
		for _, chip := range f.Suggestions {
			s.Suggestions = append(s.Suggestions, &pb.Intent_Message_Suggestion{Title: chip.Title})
		}
		return &pb.Intent_Message{Message: &pb.Intent_Message_Suggestions_{Suggestions: s}}
	case "basic_card":
		return &pb.Intent_Message{Message: &pb.Intent_Message_BasicCard_{BasicCard: &pb.Intent_Message_BasicCard{
			Title: f.Title, Subtitle: f.Subtitle, FormattedText: f.FormattedText,
			Image: image(f.Image), Buttons: linkButtons(f.Buttons)}}}
	case "link_out_chip", "link_out_suggestion":
		return &pb.Intent_Message{Message: &pb.Intent_Message_LinkOutSuggestion_{
			LinkOutSuggestion: &pb.Intent_Message_LinkOutSuggestion{DestinationName: f.DestinationName, Uri: f.URL}}}
	case "list_card":
		l := &pb.Intent_Message_ListSelect{Title: f.Title, Subtitle: f.Subtitle}
		for _, i := range f.Items {
			l.Items = append(l.Items, &pb.Intent_Message_ListSelect_Item{
				Info: option(i), Title: i.Title, Description: i.Description, Image: image(i.Image)})
		}
		return &pb.Intent_Message{Message: &pb.Intent_Message_ListSelect_{ListSelect: l}}
	case "carousel_card":
		c := &pb.Intent_Message_CarouselSelect{}
		for _, i := range f.Items {
			c.Items = append(c.Items, &pb.Intent_Message_CarouselSelect_Item{
				Info: option(i), Title: i.Title, Description: i.Description, Image: image(i.Image)})
		}
		return &pb.Intent_Message{Message: &pb.Intent_Message_CarouselSelect_{CarouselSelect: c}}
	}
	return nil
}

func cardButtons(files []buttonFile) (out []*pb.Intent_Message_Card_Button) {
	for _, b := range files {
		out = append(out, &pb.Intent_Message_Card_Button{Text: b.Text, Postback: b.Postback})
	}
	return out
}

func linkButtons(files []buttonFile) (out []*pb.Intent_Message_BasicCard_Button) {
	for _, b := range files {
		out = append(out, &pb.Intent_Message_BasicCard_Button{
			Title:         b.Title,
			OpenUriAction: &pb.Intent_Message_BasicCard_Button_OpenUriAction{Uri: b.OpenURLAction.URL}})
	}
	return out
}

func image(f imageFile) *pb.Intent_Message_Image {
	if f.URL == "" {
		return nil
	}
	return &pb.Intent_Message_Image{ImageUri: f.URL, AccessibilityText: f.AccessibilityText}
}

func option(f itemFile) *pb.Intent_Message_SelectItemInfo {
	return &pb.Intent_Message_SelectItemInfo{Key: f.OptionInfo.Key, Synonyms: f.OptionInfo.Synonyms}
}
