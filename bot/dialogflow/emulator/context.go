package emulator

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	pb "cloud.google.com/go/dialogflow/apiv2/dialogflowpb"
	"google.golang.org/protobuf/types/known/structpb"
)

// contextLife is how long contexts live when nobody asks anything.
const contextLife = 20 * time.Minute

// countersContext is the context that the real service adds to every answer.
const countersContext = "__system_counters__"

// Context is a context of a session: a name (lower case, without the path),
// the number of further queries it lives for, and its parameters.
type Context struct {
	Name       string
	Lifespan   int
	Parameters map[string]any
}

// contexts are the active contexts of a session by name.
type contexts map[string]*Context

var contextName = regexp.MustCompile(`^[a-z0-9_%-]{1,250}$`)

// contextID makes a context's name of any text, as the service does of the
// names of intents and parameters.
func contextID(s string) string {
	id := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_', r == '-', r == '%':
			return r
		}
		return '_'
	}, strings.ToLower(s))
	return id[:min(len(id), 200)]
}

// has reports whether all the named contexts are active.
func (c contexts) has(names []string) bool {
	for _, n := range names {
		if c[n] == nil {
			return false
		}
	}
	return true
}

// set makes a context active, or removes it where lifespan is 0. Parameters
// it has already are kept unless given anew.
func (c contexts) set(name string, lifespan int, params map[string]any) {
	if lifespan <= 0 {
		delete(c, name)
		return
	}
	merged := map[string]any{}
	if old := c[name]; old != nil {
		maps.Copy(merged, old.Parameters)
	}
	maps.Copy(merged, params)
	c[name] = &Context{name, lifespan, merged}
}

// age takes one turn from every context and removes those that are used up.
func (c contexts) age() {
	for name, ctx := range c {
		if ctx.Lifespan--; ctx.Lifespan <= 0 {
			delete(c, name)
		}
	}
}

// clone copies the contexts, so that a turn can refer to what was active
// before it.
func (c contexts) clone() contexts {
	out := make(contexts, len(c))
	for name, ctx := range c {
		copied := *ctx
		out[name] = &copied
	}
	return out
}

// proto writes the contexts as the client gets them, sorted by name.
func (c contexts) proto(session string) []*pb.Context {
	var out []*pb.Context
	for _, name := range slices.Sorted(maps.Keys(c)) {
		out = append(out, &pb.Context{
			Name:          session + "/contexts/" + name,
			LifespanCount: int32(c[name].Lifespan),
			Parameters:    toStruct(c[name].Parameters),
		})
	}
	return out
}

// toStruct writes parameters as a Struct. All values come from JSON or from
// our own recognisers; what could not be written would be a bug there.
func toStruct(params map[string]any) *structpb.Struct {
	if len(params) == 0 {
		return nil
	}
	s := &structpb.Struct{Fields: map[string]*structpb.Value{}}
	for k, v := range params {
		made, err := structpb.NewValue(v)
		if err != nil {
			made = structpb.NewStringValue(strings.ToValidUTF8(asText(v), "\ufffd"))
		}
		s.Fields[strings.ToValidUTF8(k, "\ufffd")] = made
	}
	return s
}
