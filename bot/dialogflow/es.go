// Package dialogflow asks Google Dialogflow agents on behalf of package bot:
// it turns a bot.Query into one request of the official client and its answer
// into a bot.Result. It decides nothing about the conversation; what an answer
// means is package bot's business.
//
// guard.go holds what is the same for every edition of Dialogflow (deadline,
// retry, breakers, rate), classify.go what an error means, query.go and
// answer.go the two translations for Dialogflow ES.
package dialogflow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	sessions "cloud.google.com/go/dialogflow/apiv2"
	"cloud.google.com/go/dialogflow/apiv2/dialogflowpb"
	"github.com/googleapis/gax-go/v2"
	"google.golang.org/grpc/connectivity"

	"relevo/bot"
	"relevo/router"
)

// What Options says when it is silent.
const (
	DefaultTimeout       = 9 * time.Second // the agent's own webhook has 5 s
	DefaultRatePerMinute = 540             // Google allows 600 a minute and project
	DefaultBurst         = 20
)

// Options says which agent to ask and how.
type Options struct {
	Project     string // Google Cloud project of the agent
	Location    string // region, such as "europe-west1"; empty for the global agent
	Environment string // published environment; empty for the draft
	Language    string // for queries that name none

	// At most one of these; without either the environment's own credentials
	// are used. Both hold Google's JSON key formats.
	CredentialsFile string
	CredentialsJSON []byte

	// Endpoint is the host:port of an emulator, spoken to in plain text and
	// without credentials. Empty for Google.
	Endpoint string

	Timeout       time.Duration // for one answer, retry included; 0 means DefaultTimeout
	RatePerMinute int           // requests; 0 means DefaultRatePerMinute, negative no limit
	Burst         int           // requests at once; 0 means DefaultBurst
	Logger        *slog.Logger  // nil means slog.Default
}

func (o Options) withDefaults() Options {
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	if o.RatePerMinute == 0 {
		o.RatePerMinute = DefaultRatePerMinute
	}
	if o.Burst == 0 {
		o.Burst = DefaultBurst
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o
}

// ES asks one Dialogflow ES agent. It is safe for concurrent use. Breakers and
// rate are its own, so two of one project share Google's quota unknowingly.
type ES struct {
	client   *sessions.SessionsClient
	agent    agentPath
	language string
	guard    *guard[*dialogflowpb.DetectIntentResponse]
}

var _ bot.Detector = (*ES)(nil)

// NewES returns a Detector for the agent that o names. It does not connect yet
// (see Warm), but it fails when there are no credentials to be had. Close it.
func NewES(ctx context.Context, o Options) (*ES, error) {
	o = o.withDefaults()
	agent, err := newAgentPath(o)
	if err != nil {
		return nil, fmt.Errorf("dialogflow: %w", err)
	}
	dial, err := clientOptions(o)
	if err != nil {
		return nil, fmt.Errorf("dialogflow: %w", err)
	}
	client, err := sessions.NewSessionsClient(ctx, dial...)
	if err != nil {
		return nil, fmt.Errorf("dialogflow: client for project %s: %w", o.Project, err)
	}
	// The client would retry UNAVAILABLE for 220 s, although a question that was
	// lost on its way back has already moved the dialogue on. The guard decides.
	client.CallOptions.DetectIntent = []gax.CallOption{}
	log := o.Logger.With("project", o.Project)
	return &ES{client, agent, o.Language, newGuard[*dialogflowpb.DetectIntentResponse](o, log)}, nil
}

// Detect implements bot.Detector. Every error is a *bot.DetectError. When ctx
// was cancelled, the error also is context.Canceled: nobody waits any more, and
// the agent is not to blame.
func (es *ES) Detect(ctx context.Context, q bot.Query) (bot.Result, error) {
	start := time.Now()
	request, err := es.request(q)
	if err != nil {
		return bot.Result{}, &bot.DetectError{Reason: router.ReasonBotBadRequest, Err: err}
	}
	response, attempts, err := es.guard.ask(ctx, func(ctx context.Context) (*dialogflowpb.DetectIntentResponse, error) {
		return es.client.DetectIntent(ctx, request)
	})
	if err != nil {
		return bot.Result{}, &bot.DetectError{Reason: reasonOf(err), Attempts: attempts, Latency: time.Since(start), Err: err}
	}
	result := decode(response, q.Event != "")
	result.Attempts = attempts
	result.Latency = time.Since(start)
	return result, nil
}

// Warm opens the connection, so that the first customer does not wait for it.
// It asks the agent nothing, and returns when the connection stands or ctx ends.
func (es *ES) Warm(ctx context.Context) error {
	// Deprecated for pools only; there is one connection here.
	conn := es.client.Connection() //nolint:staticcheck
	for {
		state := conn.GetState()
		switch state {
		case connectivity.Ready:
			return nil
		case connectivity.Shutdown:
			return errors.New("dialogflow: warm up: closed")
		}
		conn.Connect()
		if !conn.WaitForStateChange(ctx, state) {
			return fmt.Errorf("dialogflow: warm up: %w", ctx.Err())
		}
	}
}

// Close ends the connection; questions in hand fail.
func (es *ES) Close() error { return es.client.Close() }
