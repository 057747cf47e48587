//go:build !linux

package main

import "syscall"

// dieWithParent puts a process into a group of its own; only Linux can tie its
// life to this one's.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
