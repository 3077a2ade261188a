package emulator

import (
	"context"
	"sync"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Fault is something that goes wrong with a request. Its fields may be
// combined; they act in this order: Gate, Latency, Hang, Code; then the
// request is worked on, its answer changed, and, for DropAfter, thrown away.
type Fault struct {
	Session, Text string // which requests: the id of the session and the exact text; "" is any
	Times         int    // how many of them; 0 is all, until Clear

	Gate    <-chan struct{} // hold the request until this is closed
	Latency time.Duration   // then wait so long
	Hang    bool            // then wait until the client gives up

	Code            codes.Code // then refuse, unless OK; with DropAfter, the code of the drop
	Message, Reason string     // of the refusal; Reason is put into an ErrorInfo

	NilIntent     bool // match nothing, not even a fallback intent
	BlankText     bool // answer with a single blank text
	Messages      int  // repeat the messages up to so many
	WebhookFailed bool // answer without messages and with a webhook status

	DropAfter bool // work on the request, then answer UNAVAILABLE as a broken connection would
}

// Faults is what shall go wrong with a server. It is safe for use by several
// goroutines.
type Faults struct {
	mu     sync.Mutex
	list   []*Fault
	quota  int
	minute int64
	used   map[string]int // requests of this minute by project
}

// Inject adds a fault. A request meets the first one in the order of
// injection that is meant for it.
func (f *Faults) Inject(fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, &fault)
}

// Clear removes all faults and the quota.
func (f *Faults) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list, f.quota, f.used = nil, 0, nil
}

// Quota allows each project so many requests in a minute of the server's
// clock; 0 is any number.
func (f *Faults) Quota(perMinute int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.quota, f.used = perMinute, nil
}

// next takes the fault that a request shall meet; the zero Fault is none.
func (f *Faults) next(session, text string) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, fault := range f.list {
		if fault.Session != "" && fault.Session != session || fault.Text != "" && fault.Text != text {
			continue
		}
		taken := *fault
		switch fault.Times {
		case 0:
		case 1:
			f.list = append(f.list[:i:i], f.list[i+1:]...)
		default:
			fault.Times--
		}
		return taken
	}
	return Fault{}
}

// spend counts a request against the quota of its project. Quotas start anew
// on the minute.
func (f *Faults) spend(project string, now time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.quota <= 0 {
		return nil
	}
	if minute := now.Unix() / 60; f.used == nil || minute != f.minute {
		f.minute, f.used = minute, map[string]int{}
	}
	if f.used[project]++; f.used[project] > f.quota {
		return refuse(codes.ResourceExhausted, "RATE_LIMIT_EXCEEDED",
			"Quota exceeded for quota metric 'dialogflow.googleapis.com/StandardTierTextQueryOperations' and limit "+
				"'StandardTierTextQueryOperationsPerMinutePerProject' of service 'dialogflow.googleapis.com' for consumer "+
				"'project_number:1'.")
	}
	return nil
}

// before is what happens to a request that is not worked on yet.
func (f Fault) before(ctx context.Context) error {
	if f.Gate != nil {
		select {
		case <-f.Gate:
		case <-ctx.Done():
			return status.FromContextError(ctx.Err()).Err()
		}
	}
	if f.Latency > 0 {
		timer := time.NewTimer(f.Latency)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return status.FromContextError(ctx.Err()).Err()
		}
	}
	if f.Hang {
		<-ctx.Done()
		return status.FromContextError(ctx.Err()).Err()
	}
	if f.Code != codes.OK && !f.DropAfter {
		return refuse(f.Code, f.Reason, f.message("Injected "+f.Code.String()+"."))
	}
	return nil
}

// after is what happens once the answer is there.
func (f Fault) after() error {
	if !f.DropAfter {
		return nil
	}
	code := f.Code
	if code == codes.OK {
		code = codes.Unavailable
	}
	return refuse(code, f.Reason, f.message("error reading from server: EOF"))
}

func (f Fault) message(otherwise string) string {
	if f.Message != "" {
		return f.Message
	}
	return otherwise
}

// refuse makes an error as the service does, with an ErrorInfo where there is
// a reason.
func refuse(code codes.Code, reason, message string) error {
	s := status.New(code, message)
	if reason != "" {
		if detailed, err := s.WithDetails(&errdetails.ErrorInfo{Reason: reason, Domain: "googleapis.com"}); err == nil {
			s = detailed
		}
	}
	return s.Err()
}
