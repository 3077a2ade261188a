package api

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"relevo/router/fault"
)

// DefaultBodyLimit is the size in bytes that request bodies may have.
const DefaultBodyLimit = 1_000_000

// Options is what a Server needs; all of it has defaults.
type Options struct {
	Logger         *slog.Logger
	BodyLimit      int64            // bytes of a request body; default DefaultBodyLimit
	TrustedProxies []string         // IP addresses and CIDR ranges whose X-Forwarded-For is believed; default none
	Now            func() time.Time // for durations in the log
}

// Server is the HTTP server's handler while it is put together. Operations and
// handlers are added before Handler is served, never after.
type Server struct {
	engine     *gin.Engine
	log        *slog.Logger
	now        func() time.Time
	operations []Operation
	mounts     []Operation
	bodyLimits map[string]int64 // by method and path, where they are larger
}

// New returns a Server without any operation. It fails on a TrustedProxies
// entry that is neither an address nor a range.
func New(o Options) (*Server, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	gin.SetMode(gin.ReleaseMode) // debug mode writes to standard output
	s := &Server{engine: gin.New(), log: o.Logger, now: o.Now, bodyLimits: map[string]int64{}}
	if err := s.engine.SetTrustedProxies(o.TrustedProxies); err != nil {
		return nil, fmt.Errorf("trusted proxies: %w", err)
	}
	s.engine.RedirectTrailingSlash = false // a redirect would lose the body of a POST
	s.engine.RemoveExtraSlash = true
	s.engine.HandleMethodNotAllowed = true
	limit := cmp.Or(o.BodyLimit, DefaultBodyLimit)
	s.engine.Use(s.identify, s.logAccess, s.recoverPanic, harden, s.limitBody(limit))
	s.engine.NoRoute(func(c *gin.Context) { s.fail(c, fault.NotFound) })
	s.engine.NoMethod(func(c *gin.Context) { s.fail(c, fault.MethodNotAllowed) })
	return s, nil
}

// Handler returns what is to be served. Addresses are accepted with a slash at
// their end, too, and HEAD wherever GET is: the server leaves the body out.
func (s *Server) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Path
		if len(path) > 1 && strings.HasSuffix(path, "/") {
			path = "/" + strings.Trim(path, "/")
		}
		if path != r.URL.Path || r.Method == http.MethodHead {
			u, r2 := *r.URL, *r
			u.Path, u.RawPath = path, ""
			r2.URL = &u
			if r2.Method == http.MethodHead {
				r2.Method = http.MethodGet
			}
			r = &r2
		}
		s.engine.ServeHTTP(w, r)
	})
}

// Mount serves h under op's method and path (in gin's syntax: "/healthz",
// "/app/*file") beside the typed operations: pages, probes, sockets. It shares
// the middleware. Summary, Name and Answers are for the API document.
func (s *Server) Mount(op Operation, h http.Handler) {
	s.mounts = append(s.mounts, op)
	s.engine.Handle(op.Method, op.Path, gin.WrapH(h))
}

// Operations returns the record of every typed operation, in the order of
// their declaration.
func (s *Server) Operations() []Operation { return s.operations }

// Mounts returns the record of everything else that is served.
func (s *Server) Mounts() []Operation { return s.mounts }

// Route is an address that the server answers.
type Route struct {
	Method, Path string // in gin's syntax
}

// Routes returns every address that the server answers, operations and what is
// mounted beside them.
func (s *Server) Routes() []Route {
	var out []Route
	for _, r := range s.engine.Routes() {
		out = append(out, Route{r.Method, r.Path})
	}
	return out
}

func isAPI(path string) bool {
	return strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/auth/") || strings.HasPrefix(path, "/public/")
}

// call is what is known of a request beside its parameters.
type call struct {
	id, ip, languages string
}

type callKey struct{}

func callOf(ctx context.Context) call {
	c, _ := ctx.Value(callKey{}).(call)
	return c
}

// RequestID returns the id under which the log speaks of the request.
func RequestID(ctx context.Context) string { return callOf(ctx).id }

// ClientIP returns the caller's address, seen through trusted proxies only.
func ClientIP(ctx context.Context) string { return callOf(ctx).ip }
