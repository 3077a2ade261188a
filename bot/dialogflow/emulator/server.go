package emulator

import (
	"context"
	"net"
	"time"

	pb "cloud.google.com/go/dialogflow/apiv2/dialogflowpb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
)

// Options says what a Server answers with.
type Options struct {
	// Agents by project id; the one under "" serves projects without their own.
	Agents map[string]*Agent
	// Clock tells the time for expiry, dates and quotas; nil is time.Now.
	// How long a fault delays is measured by the real clock.
	Clock func() time.Time
	// Seed makes the ids of responses differ from those of another server.
	Seed int64
	// Region is the only one that the server has agents in, for instance
	// "europe-west1"; empty is any.
	Region string
}

// Server is a Dialogflow for the official client, over gRPC.
type Server struct {
	agents   map[string]*Agent
	clock    func() time.Time
	seed     int64
	region   string
	faults   Faults
	sessions sessions
	requests record
	grpc     *grpc.Server
}

// New makes a server. It answers once Serve is called.
func New(o Options) *Server {
	s := &Server{
		agents: o.Agents, clock: o.Clock, seed: o.Seed, region: o.Region,
		sessions: sessions{all: map[string]*session{}},
		grpc:     grpc.NewServer(grpc.WaitForHandlers(true)),
	}
	if s.clock == nil {
		s.clock = time.Now
	}
	pb.RegisterSessionsServer(s.grpc, es{server: s})
	return s
}

// Serve answers on a listener until Stop; it blocks. It may be called for
// several listeners.
func (s *Server) Serve(l net.Listener) error { return s.grpc.Serve(l) }

// Stop breaks off what is in hand and closes the listeners. When it returns,
// no goroutine of the server is left. It may be called twice.
func (s *Server) Stop() { s.grpc.Stop() }

// Faults are the things that shall go wrong.
func (s *Server) Faults() *Faults { return &s.faults }

// Requests returns what was asked, in the order of arrival; of a great many,
// the latest 10,000.
func (s *Server) Requests() []Request { return s.requests.all() }

// es is the Sessions service of Dialogflow ES.
type es struct {
	pb.UnimplementedSessionsServer
	server *Server
}

// DetectIntent answers one request.
func (e es) DetectIntent(ctx context.Context, req *pb.DetectIntentRequest) (*pb.DetectIntentResponse, error) {
	s := e.server
	now := s.clock()
	name, err := checkSession(req.GetSession(), s.region)
	if err != nil {
		s.requests.add(newRequest(ctx, req, name, now, false))
		return nil, err
	}
	session, overlapped, leave := s.sessions.enter(ctx, name.key(), now)
	defer leave()
	s.requests.add(newRequest(ctx, req, name, now, overlapped))

	agent, err := s.agent(name.project)
	if err != nil {
		return nil, err
	}
	// Faults come before the session's lock: a request that hangs must not
	// hold up the one that is sent in its place.
	fault := s.faults.next(name.id, req.GetQueryInput().GetText().GetText())
	if err := fault.before(ctx); err != nil {
		return nil, err
	}
	if err := checkRequest(name.full, req); err != nil {
		return nil, err
	}
	if err := s.faults.spend(name.project, now); err != nil {
		return nil, err
	}
	resp := s.turn(agent, session, name, req, fault)
	return resp, fault.after()
}

// agent finds the agent of a project.
func (s *Server) agent(project string) (*Agent, error) {
	for _, p := range []string{project, ""} {
		if a := s.agents[p]; a != nil {
			return a, nil
		}
	}
	return nil, refuse(codes.PermissionDenied, "IAM_PERMISSION_DENIED",
		"IAM permission 'dialogflow.sessions.detectIntent' on 'projects/"+project+"/agent' denied.")
}

// turn works on a valid request, one at a time in a session.
func (s *Server) turn(a *Agent, on *session, name sessionName, req *pb.DetectIntentRequest, fault Fault) *pb.DetectIntentResponse {
	on.turn.Lock()
	defer on.turn.Unlock()
	t := &turn{agent: a, session: on, name: name, seed: s.seed, lang: language(req.GetQueryInput())}
	zone := a.zone
	if z := req.GetQueryParams().GetTimeZone(); z != "" {
		zone, _ = time.LoadLocation(z) // checked before
	}
	t.now = s.clock().In(zone)
	if p := req.GetQueryParams().GetPlatform(); p != "" {
		t.platform = pb.Intent_Message_Platform(pb.Intent_Message_Platform_value[p]).Enum()
	}
	return t.run(req, fault)
}

func language(in *pb.QueryInput) string {
	if e := in.GetEvent(); e != nil {
		return e.GetLanguageCode()
	}
	return in.GetText().GetLanguageCode()
}
