package emulator

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	pb "cloud.google.com/go/dialogflow/apiv2/dialogflowpb"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// reference is "$name", "$name.original", "#context.name" or
// "#context.name.original" in a text.
var reference = regexp.MustCompile(`\$[\p{L}_][\p{L}\d_-]*(?:\.[\p{L}_][\p{L}\d_-]*)?|#[\w%-]+\.[\p{L}_][\p{L}\d_-]*(?:\.original)?`)

// wording puts values in the place of references. What a turn knows is asked
// by look, which says whether there is such a thing at all.
type wording struct {
	look func(ref string) (text string, known bool)
}

// fill replaces the references in s. A sum of money such as "$5", and a
// reference to nothing that exists, are left as they are.
func (w wording) fill(s string) string {
	if !strings.ContainsAny(s, "$#") {
		return s
	}
	return reference.ReplaceAllStringFunc(s, func(ref string) string {
		if text, known := w.look(ref); known {
			return text
		}
		// "$date.Then" may be a parameter and the end of a sentence.
		if base, rest, cut := strings.Cut(ref, "."); cut && ref[0] == '$' {
			if text, known := w.look(base); known {
				return text + "." + rest
			}
		}
		return ref
	})
}

// blank reports whether s refers to something that has no value.
func (w wording) blank(s string) bool {
	for _, ref := range reference.FindAllString(s, -1) {
		if text, known := w.look(ref); known && text == "" {
			return true
		}
	}
	return false
}

// render makes the messages of one turn: those for the language, of the
// platform if one was asked for. n picks among the variants of a text.
func (w wording) render(a *Agent, all []message, lang string, platform *pb.Intent_Message_Platform, n int) []*pb.Intent_Message {
	var out []*pb.Intent_Message
	for _, m := range inLanguage(a, all, lang) {
		if platform != nil && m.platform != *platform {
			continue
		}
		if m.rich == nil {
			out = append(out, textMessage(w.variant(m.variants, n), m.platform))
			continue
		}
		made := proto.CloneOf(m.rich)
		eachString(made.ProtoReflect(), w.fill)
		out = append(out, made)
	}
	return out
}

// variant picks the n-th text in turn, passing by those that refer to a
// parameter without a value as long as there are others.
func (w wording) variant(texts []string, n int) string {
	whole := slices.DeleteFunc(slices.Clone(texts), w.blank)
	if len(whole) == 0 {
		whole = texts
	}
	return w.fill(whole[n%len(whole)])
}

// inLanguage returns the messages in the language that serves lang, those
// without a language, or, where there are none, those of the default one.
func inLanguage(a *Agent, all []message, lang string) []message {
	for _, l := range []string{a.speaks(lang), a.language} {
		var out []message
		for _, m := range all {
			if m.lang == "" || m.lang == l || strings.HasPrefix(m.lang, l+"-") {
				out = append(out, m)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

func textMessage(text string, platform pb.Intent_Message_Platform) *pb.Intent_Message {
	return &pb.Intent_Message{
		Platform: platform,
		Message:  &pb.Intent_Message_Text_{Text: &pb.Intent_Message_Text{Text: []string{text}}},
	}
}

// firstText is the text for the default platform that the legacy field
// fulfillment_text repeats.
func firstText(messages []*pb.Intent_Message) string {
	for _, m := range messages {
		if t := m.GetText().GetText(); m.Platform == pb.Intent_Message_PLATFORM_UNSPECIFIED && len(t) > 0 {
			return t[0]
		}
	}
	return ""
}

// eachString replaces every string in a message, however deep.
func eachString(m protoreflect.Message, f func(string) string) {
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case fd.IsMap():
			v.Map().Range(func(k protoreflect.MapKey, inner protoreflect.Value) bool {
				if fd.MapValue().Kind() == protoreflect.MessageKind {
					eachString(inner.Message(), f)
				}
				return true
			})
		case fd.IsList():
			for i := range v.List().Len() {
				switch fd.Kind() {
				case protoreflect.MessageKind:
					eachString(v.List().Get(i).Message(), f)
				case protoreflect.StringKind:
					v.List().Set(i, protoreflect.ValueOfString(f(v.List().Get(i).String())))
				}
			}
		case fd.Kind() == protoreflect.MessageKind:
			eachString(v.Message(), f)
		case fd.Kind() == protoreflect.StringKind:
			m.Set(fd, protoreflect.ValueOfString(f(v.String())))
		}
		return true
	})
}

// spell writes a value as it reads in a text. original stands in for values
// that have parts, such as a place or a sum of money.
func spell(v any, original string) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = spell(e, "")
		}
		return strings.Join(parts, ", ")
	case map[string]any:
		if at, ok := v["date_time"].(string); ok && original == "" {
			return at
		}
	}
	return original
}
