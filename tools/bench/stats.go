//go:build unix

package main

import (
	"slices"
	"time"
)

// percentile returns the value that the share p of all does not exceed; 0 of
// none.
func percentile(all []time.Duration, p float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[int(p*float64(len(sorted)-1)+0.5)]
}

// median returns the middle one; of an even number, the mean of the middle two.
func median(all []float64) float64 {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	half := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[half-1] + sorted[half]) / 2
	}
	return sorted[half]
}
