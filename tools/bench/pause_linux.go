package main

import (
	"syscall"
	"time"
)

// pause waits more finely than Go's timers, which an idle process rounds up to
// a millisecond.
func pause(d time.Duration) {
	left := syscall.NsecToTimespec(int64(d))
	_ = syscall.Nanosleep(&left, nil) // woken early is no harm
}
