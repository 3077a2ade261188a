package router_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/router/fault"
)

// Each conversation has a lock of its own; the limit of a reader is one for
// all of them.
func TestAReadersLimitHoldsForConversationsAtTheSameTime(t *testing.T) {
	eachPost(t, func(t *testing.T, p *post) {
		const limit, asked = 30, 60
		ids := make([]int64, asked)
		for i := range ids {
			ids[i] = p.opens()
		}
		answers := make([]error, asked)
		var all sync.WaitGroup
		for i, id := range ids {
			all.Go(func() {
				answers[i] = p.SendTranscript(t.Context(), p.by["Ana"], id, fmt.Sprintf("Victim+%d@example.com", i))
			})
		}
		all.Wait()
		refused := 0
		for _, err := range answers {
			if errors.Is(err, fault.TooManyTranscripts) {
				refused++
				continue
			}
			require.NoError(t, err)
		}
		require.Equal(t, asked-limit, refused)
		p.works()
		require.Len(t, p.server.Mails(), limit)
	})
}
