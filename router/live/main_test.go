package live_test

import (
	"testing"

	"go.uber.org/goleak"
)

// A node lets a second pass before it leaves a channel that nobody listens to,
// on purpose; that may be after the last test.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/centrifugal/centrifuge.(*Node).unsubscribeFromBrokerWhenEmpty.func1"))
}
