package emulator

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	pb "cloud.google.com/go/dialogflow/apiv2/dialogflowpb"
	"google.golang.org/grpc/metadata"
)

// Request is what a client asked, as far as the server could read it.
type Request struct {
	Session   string // the whole resource name, as sent
	SessionID string // its last part; empty where the name is wrong
	Project   string
	Text      string
	Event     string
	Language  string
	TimeZone  string

	EventParameters map[string]any
	Contexts        []Context      // sent with the request, names as sent, lower case
	ResetContexts   bool           // were the others to be forgotten
	Payload         map[string]any // for a webhook

	Metadata     metadata.MD
	At           time.Time     // by the server's clock
	DeadlineLeft time.Duration // how long the client would wait; 0 is for ever
	Overlapped   bool          // another request of the session was not answered yet
}

// maxRequests bounds what is kept for Requests.
const maxRequests = 10_000

// record keeps the latest requests.
type record struct {
	mu   sync.Mutex
	list []Request
}

func (r *record) add(req Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.list) >= 2*maxRequests {
		r.list = slices.Clone(r.list[maxRequests:])
	}
	r.list = append(r.list, req)
}

func (r *record) all() []Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.list[max(0, len(r.list)-maxRequests):])
}

func newRequest(ctx context.Context, req *pb.DetectIntentRequest, name sessionName, now time.Time, overlapped bool) Request {
	in, params := req.GetQueryInput(), req.GetQueryParams()
	r := Request{
		Session: req.GetSession(), SessionID: name.id, Project: name.project,
		Text: in.GetText().GetText(), Event: in.GetEvent().GetName(), Language: language(in),
		EventParameters: in.GetEvent().GetParameters().AsMap(),
		TimeZone:        params.GetTimeZone(), ResetContexts: params.GetResetContexts(), Payload: params.GetPayload().AsMap(),
		At: now, Overlapped: overlapped,
	}
	for _, c := range params.GetContexts() {
		r.Contexts = append(r.Contexts, Context{
			Name: strings.ToLower(lastSegment(c.GetName())), Lifespan: int(c.GetLifespanCount()), Parameters: c.GetParameters().AsMap(),
		})
	}
	r.Metadata, _ = metadata.FromIncomingContext(ctx)
	if deadline, ok := ctx.Deadline(); ok {
		r.DeadlineLeft = time.Until(deadline)
	}
	return r
}
