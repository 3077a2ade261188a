//go:build unix && !linux

package main

import "os/exec"

// dieWithUs is for Linux only; elsewhere children end when we end in order.
func dieWithUs(*exec.Cmd) {}
