//go:build unix

package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPercentile(t *testing.T) {
	hundred := make([]time.Duration, 101)
	for i := range hundred {
		hundred[len(hundred)-1-i] = time.Duration(i)
	}
	require.EqualValues(t, 50, percentile(hundred, 0.5))
	require.EqualValues(t, 99, percentile(hundred, 0.99))
	require.EqualValues(t, 7, percentile([]time.Duration{7}, 0.99))
	require.Zero(t, percentile(nil, 0.5))
}

func TestMedian(t *testing.T) {
	require.InDelta(t, 2, median([]float64{9, 1, 2}), 0)
	require.InDelta(t, 2.5, median([]float64{3, 2, 1, 9}), 0)
	require.Zero(t, median(nil))
}

func TestTransactionsPerSecondOfPgbench(t *testing.T) {
	rate, err := tps([]byte("number of failed transactions: 0 (0.000%)\nlatency average = 2.857 ms\ntps = 2799.734201 (without initial connection time)\n"))
	require.NoError(t, err)
	require.InDelta(t, 2799.734201, rate, 1e-9)
	_, err = tps([]byte("pgbench: error: could not connect"))
	require.ErrorContains(t, err, "could not connect")
}

func TestPlaceholdersOfBothDatabases(t *testing.T) {
	const query = "SELECT 1 WHERE ? = ?"
	require.Equal(t, query, (&subject{name: "SQLite"}).bind(query))
	require.Equal(t, "SELECT 1 WHERE $1 = $2", (&subject{name: "PostgreSQL"}).bind(query))
}
