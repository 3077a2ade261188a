package dialogflow

import (
	"context"
	"errors"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"relevo/router"
)

// reasonOf says why a question that failed with err needs a person.
//
// Both errors.Is and status.Code are asked, because a deadline that ends inside
// a call is no context.DeadlineExceeded, and one that ends between two calls has
// no status.
func reasonOf(err error) router.Reason {
	if refused, ok := errors.AsType[*refusedError](err); ok {
		return refused.reason
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return router.ReasonBotTimeout
	}
	switch status.Code(err) {
	case codes.DeadlineExceeded:
		return router.ReasonBotTimeout
	case codes.ResourceExhausted:
		if ours(err) {
			return router.ReasonBotBadRequest
		}
		return router.ReasonBotQuota
	case codes.InvalidArgument, codes.OutOfRange:
		return router.ReasonBotBadRequest
	case codes.Unauthenticated, codes.PermissionDenied, codes.NotFound,
		codes.FailedPrecondition, codes.Unimplemented:
		return router.ReasonBotMisconfig
	}
	return router.ReasonBotUnavailable
}

// ours reports whether the status was made on this side: gRPC says
// RESOURCE_EXHAUSTED of an answer that is larger than maxAnswerBytes, which has
// nothing to do with a quota.
func ours(err error) bool {
	return strings.HasPrefix(status.Convert(err).Message(), "grpc: ")
}

// refuses reports whether err means that the next question would be refused
// just the same.
func refuses(err error) bool {
	if err == nil {
		return false
	}
	reason := reasonOf(err)
	return reason == router.ReasonBotQuota || reason == router.ReasonBotMisconfig
}

// fails reports whether err means that the agent may be out of reach.
func fails(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) {
		return false
	}
	reason := reasonOf(err)
	return reason == router.ReasonBotTimeout || reason == router.ReasonBotUnavailable
}

// refusedError is a question that was not sent.
type refusedError struct {
	reason router.Reason
	why    string
}

func (e *refusedError) Error() string { return "not asked: " + e.why }
