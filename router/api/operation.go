package api

import (
	"cmp"
	"context"
	"net/http"
	"reflect"
	"runtime"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
)

// Operation is the record of one operation, from which documents and tests are
// made.
type Operation struct {
	Method  string
	Path    string // in gin's syntax: "/conversations/:conversation_id"
	Summary string // one line, in English
	// Description says what the summary cannot, in a sentence or two of English.
	Description string
	// Name is the operation's in the API document; of a typed operation it is
	// the name of its function unless it is given.
	Name string
	// Wrap is the name under which clients may wrap the body's fields:
	// {"message": {"content": …}} beside {"content": …}.
	Wrap string
	// BodyLimit is how many bytes a multipart body may have where that is more
	// than elsewhere, for files; 0 means the server's limit.
	BodyLimit int64
	// Download is the content type of the file that an operation answers whose
	// output is Download: "text/csv; charset=utf-8".
	Download string
	// Access is its group's: who may call it.
	Access Access
	// Input and Output are set by Handle. The fields of Input say where they
	// come from: path:"name", header:"Name", query:"name" or json:"name". The
	// dialect looks for the last two in body and query alike; the tag says
	// where they are documented to be.
	Input, Output reflect.Type
	// Answers is what a mounted handler may answer. Typed operations answer
	// Output, or a Failure.
	Answers []Answer
}

// Answer is one kind of answer of a mounted handler.
type Answer struct {
	Status  int
	Meaning string       // in English
	Type    string       // the content type; "" for no body
	Body    reflect.Type // of a body in JSON
}

// Guard finds out who sends a request, before any of its body is read, and
// returns the context that the operation is given; with an error the request
// ends here. path returns the value of a place in the operation's path.
type Guard func(r *http.Request, path func(name string) string) (context.Context, Caller, error)

// Group is a set of operations under one base path, for the same callers.
type Group struct {
	server *Server
	base   string
	access Access
	guard  Guard
	shared bool // with pages of any origin
}

// Group returns a group of operations that those of access may call. A nil
// guard knows nobody. It panics without an access, which is a mistake of the
// program.
func (s *Server) Group(base string, access Access, guard Guard) *Group {
	if len(access) == 0 {
		panic("api: nobody may call the operations under " + base)
	}
	if guard == nil {
		guard = func(r *http.Request, _ func(string) string) (context.Context, Caller, error) {
			return r.Context(), Somebody, nil
		}
	}
	return &Group{server: s, base: base, access: access, guard: guard}
}

// Share lets pages of any origin call the group's operations (CORS). It is for
// operations that no cookie opens.
func (g *Group) Share() *Group {
	shared := *g
	shared.shared = true
	return &shared
}

// Empty is the output of operations that answer 200 without a body.
type Empty struct{}

// Handle declares an operation of g. do is given what the client sent, with
// every limit of In's tags held; its error is answered as package fault says,
// and a plain error as an internal fault. It panics on an In that cannot be
// bound, which is a mistake of the program.
func Handle[In, Out any](g *Group, op Operation, do func(context.Context, *In) (Out, error)) {
	op.Path = g.base + op.Path
	op.Access = g.access
	op.Input, op.Output = reflect.TypeFor[In](), reflect.TypeFor[Out]()
	op.Name = cmp.Or(op.Name, nameOf(do))
	b := newBinder(op)
	g.declare(op, func(c *gin.Context) error {
		ctx, caller, err := g.guard(c.Request, c.Param)
		if err != nil {
			return err
		}
		if err := g.access.check(caller); err != nil {
			return err
		}
		if op.BodyLimit > 0 {
			waitForFiles(c)
		}
		defer removeFiles(c.Request)
		in := new(In)
		if err := b.bind(c.Request, c.Param, reflect.ValueOf(in).Elem()); err != nil {
			return err
		}
		out, err := do(ctx, in)
		if err != nil {
			return err
		}
		return write(c, op, out)
	})
}

// nameOf returns the name of a function or method; a function without a name
// has one like "func1".
func nameOf(do any) string {
	name := runtime.FuncForPC(reflect.ValueOf(do).Pointer()).Name()
	return strings.TrimSuffix(name[strings.LastIndex(name, ".")+1:], "-fm")
}

func (g *Group) declare(op Operation, run func(*gin.Context) error) {
	s := g.server
	if g.shared && !slices.ContainsFunc(s.operations, func(o Operation) bool { return o.Path == op.Path }) {
		s.engine.OPTIONS(op.Path, func(c *gin.Context) { preflight(c) })
		s.mounts = append(s.mounts, Operation{Method: http.MethodOptions, Path: op.Path, Summary: "What pages of other origins may do",
			Answers: []Answer{{Status: http.StatusNoContent, Meaning: "Everything, without cookies"}}})
	}
	s.operations = append(s.operations, op)
	if op.BodyLimit > 0 {
		s.bodyLimits[op.Method+op.Path] = op.BodyLimit
	}
	s.engine.Handle(op.Method, op.Path, func(c *gin.Context) {
		if g.shared {
			share(c)
		}
		if err := run(c); err != nil {
			s.fail(c, err)
		}
	})
}

func share(c *gin.Context) {
	c.Header("Access-Control-Allow-Origin", "*")
	c.Header("Access-Control-Expose-Headers", "ETag, Retry-After, X-Request-Id")
}

func preflight(c *gin.Context) {
	share(c)
	c.Header("Access-Control-Allow-Methods", "GET, POST, PATCH, PUT, DELETE")
	c.Header("Access-Control-Allow-Headers", "Accept-Language, Content-Type, Idempotency-Key, If-Match, X-Request-Id")
	c.Header("Access-Control-Max-Age", "7200")
	c.Status(http.StatusNoContent)
}
