package store_test

import (
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"relevo/router/routertest"
	"relevo/router/store"
)

// waiting counts the goroutines that wait for their turn to write.
func waiting() int {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	n := 0
	for _, one := range strings.Split(string(stacks), "\n\n") {
		head, _, _ := strings.Cut(one, "\n")
		if strings.Contains(head, "[select") && strings.Contains(one, "store.(*DB).Tx(") {
			n++
		}
	}
	return n
}

func TestWritersOfSQLiteTakeTurns(t *testing.T) {
	db := routertest.Open(t, store.Options{Driver: store.SQLite, Path: filepath.Join(t.TempDir(), "turns.db")})
	const writers = 12
	var order, want []int
	var all sync.WaitGroup
	hold, held := make(chan struct{}), make(chan struct{})
	all.Go(func() {
		_ = db.Tx(t.Context(), func(*gorm.DB) error { close(held); <-hold; return nil })
	})
	<-held
	for i := range writers {
		all.Go(func() {
			_ = db.Tx(t.Context(), func(*gorm.DB) error { order = append(order, i); return nil })
		})
		require.Eventually(t, func() bool { return waiting() == i+1 }, 10*time.Second, time.Millisecond)
		want = append(want, i)
	}
	close(hold)
	all.Wait()
	require.Equal(t, want, order)
}
