package api

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"relevo/router/fault"
)

// What callers name their requests is copied into log and answer, so it is
// kept to harmless characters.
var sensibleID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// identify names the request and notes who calls.
func (s *Server) identify(c *gin.Context) {
	id := c.GetHeader("X-Request-Id")
	if !sensibleID.MatchString(id) {
		id = uuid.NewString()
	}
	c.Header("X-Request-Id", id)
	who := call{id: id, ip: c.ClientIP(), languages: c.GetHeader("Accept-Language")}
	c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), callKey{}, who))
}

// logAccess writes one line for each request. It names the route, never the
// address: visitors' tokens stand in addresses.
func (s *Server) logAccess(c *gin.Context) {
	start := s.now()
	c.Next()
	level := slog.LevelInfo
	if !isAPI(c.FullPath()) {
		level = slog.LevelDebug // probes, files of the pages
	}
	ctx := c.Request.Context()
	s.log.LogAttrs(ctx, level, "request served",
		slog.String("method", c.Request.Method), slog.String("route", c.FullPath()),
		slog.Int("status", c.Writer.Status()), slog.Int("bytes", max(c.Writer.Size(), 0)),
		slog.Duration("took", s.now().Sub(start)),
		slog.String("ip", ClientIP(ctx)), slog.String("request", RequestID(ctx)))
}

// recoverPanic turns a panic into a clean 500 and a line in the log.
func (s *Server) recoverPanic(c *gin.Context) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if p == http.ErrAbortHandler {
			panic(p) // the server's own way to cut a connection
		}
		ctx := c.Request.Context()
		s.log.ErrorContext(ctx, "request panicked", "route", c.FullPath(), "request", RequestID(ctx),
			"panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		if c.Writer.Written() {
			c.Abort()
			return
		}
		s.answer(c, fault.Internal)
	}()
	c.Next()
}

// harden sets the headers that no answer should lack.
func harden(c *gin.Context) {
	c.Header("X-Content-Type-Options", "nosniff")
	c.Header("Referrer-Policy", "same-origin")
}

// limitBody ends bodies that are too large; reading one gives
// *http.MaxBytesError.
func (s *Server) limitBody(limit int64) gin.HandlerFunc {
	return func(c *gin.Context) {
		if c.Request.Body != nil {
			most := limit
			if strings.HasPrefix(c.ContentType(), "multipart/") { // no other body holds files
				most = max(limit, s.bodyLimits[c.Request.Method+c.FullPath()])
			}
			c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, most)
		}
	}
}
