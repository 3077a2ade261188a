package live_test

import (
	"testing"

	"go.uber.org/goleak"
)

// What is not ours may end a moment after the last test: a node lets a second
// pass before it leaves a channel that nobody listens to, the Redis client
// before it looks for its server again, the clients of the tests before they
// give up an answer. The tests' PostgreSQL stays for all of them.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/centrifugal/centrifuge.(*Node).unsubscribeFromBrokerWhenEmpty.func1"),
		goleak.IgnoreAnyFunction("github.com/redis/rueidis.(*call).DelayDo.func1"),
		goleak.IgnoreAnyFunction("github.com/centrifugal/centrifuge-go.(*Client).sendAsync.func1"),
		goleak.IgnoreTopFunction("database/sql.(*DB).connectionOpener"))
}
