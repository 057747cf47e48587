package main

import "syscall"

// dieWithParent puts a process into a group of its own and ends it with this one.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
