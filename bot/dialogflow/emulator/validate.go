package emulator

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	pb "cloud.google.com/go/dialogflow/apiv2/dialogflowpb"
	"google.golang.org/grpc/codes"
)

// The limits of the real service.
const (
	maxTextRunes  = 256
	maxEventRunes = 150
)

// invalid refuses a request with INVALID_ARGUMENT.
func invalid(format string, args ...any) error {
	return refuse(codes.InvalidArgument, "", fmt.Sprintf(format, args...))
}

// checkSession finds the parts of the session's name, or says what is wrong
// with it in the words of the real service.
func checkSession(name, region string) (sessionName, error) {
	s, ok := parseSession(name)
	if !ok {
		return s, invalid("Resource name does not match 'projects/*/agent/sessions/*'.")
	}
	if utf8.RuneCountInString(s.id) > maxIDLength {
		return s, invalid("Session ID must not exceed %d characters.", maxIDLength)
	}
	if utf8.RuneCountInString(s.user) > maxIDLength {
		return s, invalid("User ID must not exceed %d characters.", maxIDLength)
	}
	if region != "" && s.location != region {
		return s, invalid("Please refer to https://cloud.google.com/dialogflow/cx/docs/concept/region#avail and "+
			"https://cloud.google.com/dialogflow/es/docs/how/region#regions to find the correct endpoint to access "+
			"resources located in '%s'", s.location)
	}
	return s, nil
}

// checkRequest says what is wrong with a request whose session is right.
func checkRequest(session string, req *pb.DetectIntentRequest) error {
	if err := checkParams(session, req.GetQueryParams()); err != nil {
		return err
	}
	switch in := req.GetQueryInput().GetInput().(type) {
	case nil:
		return invalid("Input is not set.")
	case *pb.QueryInput_Text:
		return checkText(in.Text)
	case *pb.QueryInput_Event:
		return checkEvent(in.Event)
	}
	return refuse(codes.Unimplemented, "", "The emulator takes text and events, not speech.")
}

func checkText(in *pb.TextInput) error {
	switch text := in.GetText(); {
	case in.GetLanguageCode() == "":
		return invalid("Language code is not set.")
	case strings.TrimSpace(text) == "":
		return invalid("Input text not set.")
	case utf8.RuneCountInString(text) > maxTextRunes:
		return invalid("Input text exceeds %d characters.", maxTextRunes)
	}
	return nil
}

func checkEvent(in *pb.EventInput) error {
	switch {
	case in.GetLanguageCode() == "":
		return invalid("Language code is not set.")
	case in.GetName() == "":
		return invalid("Event name is not set.")
	case utf8.RuneCountInString(in.GetName()) > maxEventRunes:
		return invalid("Event name exceeds %d characters.", maxEventRunes)
	}
	return nil
}

func checkParams(session string, p *pb.QueryParameters) error {
	if _, err := time.LoadLocation(p.GetTimeZone()); err != nil {
		return invalid("Unknown time zone '%s'.", p.GetTimeZone())
	}
	if _, ok := pb.Intent_Message_Platform_value[p.GetPlatform()]; p.GetPlatform() != "" && !ok {
		return invalid("Unknown platform '%s'.", p.GetPlatform())
	}
	for _, c := range p.GetContexts() {
		id, ok := strings.CutPrefix(c.GetName(), session+"/contexts/")
		if !ok || !contextName.MatchString(strings.ToLower(id)) {
			return invalid("Resource name '%s' does not match 'projects/*/agent/sessions/*/contexts/*' of the session.", c.GetName())
		}
	}
	for _, e := range p.GetSessionEntityTypes() {
		if id, ok := strings.CutPrefix(e.GetName(), session+"/entityTypes/"); !ok || id == "" {
			return invalid("Resource name '%s' does not match 'projects/*/agent/sessions/*/entityTypes/*' of the session.", e.GetName())
		}
	}
	return nil
}
