package emulator

import (
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"time"

	pb "cloud.google.com/go/dialogflow/apiv2/dialogflowpb"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
)

// turn is one request of a session on its way to an answer.
type turn struct {
	agent    *Agent
	session  *session
	name     sessionName
	lang     string
	now      time.Time // in the time zone of the request
	seed     int64
	platform *pb.Intent_Message_Platform
	before   contexts // what was active when the turn began
	find     *finder
	matched  []match // see matches
	out      *pb.QueryResult
}

// run answers a request that was found valid. The session must be locked.
func (t *turn) run(req *pb.DetectIntentRequest, fault Fault) *pb.DetectIntentResponse {
	t.session.expire(t.now)
	t.session.turns++
	t.params(req.GetQueryParams())
	t.before = t.session.contexts.clone()
	t.out = &pb.QueryResult{LanguageCode: strings.ToLower(t.lang), AllRequiredParamsPresent: true}

	text := req.GetQueryInput().GetText().GetText()
	t.find = t.agent.newFinder(text, t.lang, t.now, t.session.entities)
	switch event := req.GetQueryInput().GetEvent(); {
	case fault.NilIntent:
		t.out.QueryText = text
	case event != nil:
		t.event(event)
	default:
		t.out.QueryText = text
		t.text()
	}
	t.counters()
	t.out.OutputContexts = t.session.contexts.proto(t.name.full)
	if req.GetQueryParams().GetSentimentAnalysisRequestConfig().GetAnalyzeQueryTextSentiment() {
		t.out.SentimentAnalysisResult = sentiment(t.find.text)
	}
	resp := &pb.DetectIntentResponse{ResponseId: t.responseID(), QueryResult: t.out}
	fault.change(resp)
	return resp
}

// params applies the query parameters of a request.
func (t *turn) params(p *pb.QueryParameters) {
	if p.GetResetContexts() {
		t.session.contexts = contexts{}
	}
	for _, c := range p.GetContexts() {
		name := strings.ToLower(lastSegment(c.GetName()))
		delete(t.session.contexts, name)
		t.session.contexts.set(name, int(c.GetLifespanCount()), c.GetParameters().AsMap())
	}
	t.session.setEntities(p.GetSessionEntityTypes())
}

// event finds the intent of an event. An event that no intent waits for is
// answered without an intent.
func (t *turn) event(e *pb.EventInput) {
	var found []match
	for _, i := range t.agent.intents {
		if t.eligible(i) && slices.Contains(i.events, strings.ToLower(e.GetName())) {
			found = append(found, match{intent: i, score: scoreExact})
		}
	}
	t.out.QueryText = e.GetName()
	if len(found) == 0 {
		return
	}
	best := map[*intent]match{}
	for _, m := range found {
		best[m.intent] = m
	}
	// The event's parameters are a context that bears its name, so that
	// "#event.name" finds them, and fill the intent's own of the same name.
	given := e.GetParameters().AsMap()
	name := contextID(e.GetName())
	if len(given) > 0 {
		t.before.set(name, 1, given)
	}
	i := ranked(best)[0].intent
	t.found(i, 1)
	f := &filling{i, valuesOf(i, given)}
	t.session.contexts.stopFilling()
	t.advance(f, 1)
	if len(given) > 0 {
		t.session.contexts.set(name, 1, given)
	}
}

// text finds the intent of a text.
func (t *turn) text() {
	if f := t.inProgress(); f != nil {
		if t.goOn(f) {
			return
		}
	}
	t.session.contexts.stopFilling()
	m, ok := choose(t.matches(), t.agent.minConfidence)
	if !ok || m.intent.fallback {
		t.fallback()
		return
	}
	t.session.noMatch = 0
	t.found(m.intent, m.score)
	f := &filling{m.intent, map[string]value{}}
	var taken []span
	for _, p := range m.intent.parameters {
		if s, ok := m.values[p.alias()]; ok {
			f.put(p, s.value)
			taken = append(taken, s)
		}
	}
	t.extract(f, taken)
	t.advance(f, m.score)
}

// matches are the intents that the text may mean, the best first.
func (t *turn) matches() []match {
	if t.matched == nil {
		x := t.agent.indexes[t.agent.speaks(t.lang)]
		t.matched = x.matches(t.find, t.eligible)
	}
	return t.matched
}

// eligible reports whether an intent may match now: it is not switched off,
// and its input contexts are active.
func (t *turn) eligible(i *intent) bool {
	return i.priority >= 0 && t.before.has(i.inputs)
}

// fallback answers what nothing matched: by the fallback intent with the most
// active input contexts, or without an intent.
func (t *turn) fallback() {
	t.session.noMatch++
	best := map[*intent]match{}
	for _, i := range t.agent.intents {
		if i.fallback && t.eligible(i) {
			best[i] = match{intent: i}
		}
	}
	if len(best) == 0 {
		return
	}
	i := ranked(best)[0].intent
	t.found(i, 1)
	t.advance(&filling{i, map[string]value{}}, 1)
}

// found writes down the intent.
func (t *turn) found(i *intent, confidence float64) {
	t.out.Intent = &pb.Intent{
		Name:             t.path() + "/intents/" + i.id,
		DisplayName:      i.name,
		IsFallback:       i.fallback,
		LiveAgentHandoff: i.handoff,
		EndInteraction:   i.end,
	}
	t.out.Action = i.action
	t.out.IntentDetectionConfidence = float32(confidence)
}

// path is the agent's resource name.
func (t *turn) path() string {
	if strings.Contains(t.name.full, "/locations/") {
		return "projects/" + t.name.project + "/locations/" + t.name.location + "/agent"
	}
	return "projects/" + t.name.project + "/agent"
}

// advance asks for the next missing parameter, or completes the intent.
func (t *turn) advance(f *filling, confidence float64) {
	t.found(f.intent, confidence)
	if pending, _ := f.missing(t); pending != nil {
		t.prompt(f, pending)
		return
	}
	t.complete(f)
}

// prompt asks for a parameter. Contexts do not age while an intent waits for
// its parameters, or they would run out before it is complete.
func (t *turn) prompt(f *filling, p *parameter) {
	params := t.parameters(f)
	t.out.AllRequiredParamsPresent = false
	t.out.Parameters = toStruct(withoutOriginals(params))
	// What the intent would do at its end is not done yet.
	t.out.Intent.LiveAgentHandoff, t.out.Intent.EndInteraction = false, false

	c := t.session.contexts
	c.stopFilling()
	c.set(contextID(f.intent.name)+dialogSuffix, 2, params)
	c.set(contextID(f.intent.id)+dialogIDSuffix, 2, params)
	c.set(contextID(f.intent.name)+dialogParams+contextID(p.name), 1, params)

	text := "What is the " + p.name + "?"
	if prompts := pick(t.agent, p.prompts, t.lang); len(prompts) > 0 {
		text = t.wording(f, params).variant(prompts, t.session.turns-1)
	}
	t.say(textMessage(text, pb.Intent_Message_PLATFORM_UNSPECIFIED))
}

// cancel ends slot filling at the customer's word.
func (t *turn) cancel(f *filling) {
	t.found(f.intent, 1)
	t.session.contexts.stopFilling()
	t.session.contexts.age()
	t.session.noMatch = 0
	t.out.CancelsSlotFilling = true
	t.out.AllRequiredParamsPresent = false
	t.out.Parameters = toStruct(withoutOriginals(t.parameters(f)))
	t.out.Intent.LiveAgentHandoff, t.out.Intent.EndInteraction = false, false
	text := "Okay, I have cancelled that."
	if strings.HasPrefix(t.agent.speaks(t.lang), "es") {
		text = "De acuerdo, lo dejamos."
	}
	t.say(textMessage(text, pb.Intent_Message_PLATFORM_UNSPECIFIED))
}

// complete answers with everything known, and moves the contexts on.
func (t *turn) complete(f *filling) {
	params := t.parameters(f)
	t.out.Parameters = toStruct(withoutOriginals(params))

	c := t.session.contexts
	c.stopFilling()
	c.age()
	if f.intent.resetContexts {
		clear(c)
	}
	for _, o := range f.intent.outputs {
		c.set(o.name, o.lifespan, params)
	}
	t.say(t.wording(f, params).render(t.agent, f.intent.messages, t.lang, t.platform, t.session.turns-1)...)
	if f.intent.end {
		t.out.DiagnosticInfo = toStruct(map[string]any{"end_conversation": true})
	}
}

// say is what the customer gets to read.
func (t *turn) say(messages ...*pb.Intent_Message) {
	t.out.FulfillmentMessages = messages
	t.out.FulfillmentText = firstText(messages)
}

// counters puts the context in place that counts misses.
func (t *turn) counters() {
	params := maps.Clone(t.out.GetParameters().AsMap())
	if params == nil {
		params = map[string]any{}
	}
	params["no-input"], params["no-match"] = 0.0, float64(t.session.noMatch)
	delete(t.session.contexts, countersContext)
	t.session.contexts.set(countersContext, 1, params)
}

// responseID is the same for the same seed, session and turn.
func (t *turn) responseID() string {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d %s", t.seed, t.name.key())
	return fmt.Sprintf("%016x-%d", h.Sum64(), t.session.turns)
}

// change spoils a response as the fault says.
func (f Fault) change(resp *pb.DetectIntentResponse) {
	q := resp.QueryResult
	if f.BlankText {
		q.FulfillmentMessages = []*pb.Intent_Message{textMessage("", pb.Intent_Message_PLATFORM_UNSPECIFIED)}
	}
	if f.WebhookFailed {
		q.FulfillmentMessages, q.WebhookSource = nil, ""
		resp.WebhookStatus = &statuspb.Status{
			Code:    int32(codes.DeadlineExceeded),
			Message: "Webhook call failed. Error: DEADLINE_EXCEEDED, State: URL_TIMEOUT, Reason: TIMEOUT_WEB.",
		}
	}
	if n := len(q.FulfillmentMessages); f.Messages > 0 && n > 0 {
		many := make([]*pb.Intent_Message, f.Messages)
		for i := range many {
			many[i] = q.FulfillmentMessages[i%n]
		}
		q.FulfillmentMessages = many
	}
	q.FulfillmentText = firstText(q.FulfillmentMessages)
}

func lastSegment(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }
