package media

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// nobody is the user and group a child of root becomes.
const nobody = 65534

// ownBinary names this program so that an unprivileged child can start it even
// from a folder only its owner may enter, as go test and go run make them.
func ownBinary() (string, error) { return "/proc/self/exe", nil }

// containment lists the attributes a child may be started with, strictest first.
// Not every system lets a process make a network namespace; the filter of
// restrict refuses sockets all the same.
func containment() []*syscall.SysProcAttr {
	base := syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if os.Geteuid() == 0 {
		dropped := base
		dropped.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
		isolated := dropped
		isolated.Cloneflags = syscall.CLONE_NEWNET
		return []*syscall.SysProcAttr{&isolated, &dropped, &base}
	}
	isolated := base
	isolated.Cloneflags = syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET
	uid, gid := os.Getuid(), os.Getgid()
	isolated.UidMappings = []syscall.SysProcIDMap{{ContainerID: uid, HostID: uid, Size: 1}}
	isolated.GidMappings = []syscall.SysProcIDMap{{ContainerID: gid, HostID: gid, Size: 1}}
	return []*syscall.SysProcAttr{&isolated, &base}
}

// dieWithParent makes a program a child starts end with it.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

// killAll ends a child and whatever it started.
func killAll(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGKILL); _ = p.Kill() }

// restrict gives up, for good, what a decoder has no use for.
func restrict(use memoryUse, memory int64) error {
	size, _, err := use.read()
	if err != nil {
		return err
	}
	for _, l := range []struct {
		resource int
		max      uint64
	}{
		{unix.RLIMIT_AS, uint64(size + memory)},
		{unix.RLIMIT_CORE, 0},
		{unix.RLIMIT_FSIZE, 0},
		{unix.RLIMIT_NOFILE, 64},
	} {
		if err := unix.Setrlimit(l.resource, &unix.Rlimit{Cur: l.max, Max: l.max}); err != nil {
			return fmt.Errorf("limiting resource %d: %w", l.resource, err)
		}
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	return refuseCalls()
}

// allowCPU lets the process use seconds more of processor time.
func allowCPU(seconds int) error {
	var used unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &used); err != nil {
		return err
	}
	var now unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CPU, &now); err != nil {
		return err
	}
	now.Cur = min(uint64(used.Utime.Sec+used.Stime.Sec)+uint64(seconds)+1, now.Max)
	return unix.Setrlimit(unix.RLIMIT_CPU, &now)
}

// memoryUse reads what the process takes, from a file opened once: a child at
// work opens nothing.
type memoryUse struct{ statm *os.File }

func openMemoryUse() (memoryUse, error) {
	f, err := os.Open("/proc/self/statm")
	return memoryUse{f}, err
}

// read returns address space and resident memory in bytes.
func (m memoryUse) read() (size, resident int64, err error) {
	b := make([]byte, 128)
	n, err := m.statm.ReadAt(b, 0)
	if n == 0 {
		return 0, 0, err
	}
	if _, err := fmt.Sscan(string(b[:n]), &size, &resident); err != nil {
		return 0, 0, err
	}
	page := int64(os.Getpagesize())
	return size * page, resident * page, nil
}

// refuseCalls installs a seccomp filter on all threads (seccomp(2)): sockets,
// tracing, mounting and the like answer EPERM, also in the ffmpeg it may start.
func refuseCalls() error {
	arch := map[string]uint32{"amd64": unix.AUDIT_ARCH_X86_64, "arm64": unix.AUDIT_ARCH_AARCH64}[runtime.GOARCH]
	if arch == 0 {
		return nil
	}
	refused := []uint32{
		unix.SYS_SOCKET, unix.SYS_CONNECT, unix.SYS_BIND, unix.SYS_LISTEN, unix.SYS_ACCEPT, unix.SYS_ACCEPT4,
		unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_MOUNT, unix.SYS_UNSHARE,
		unix.SYS_SETNS, unix.SYS_BPF, unix.SYS_PERF_EVENT_OPEN, unix.SYS_KEYCTL, unix.SYS_IO_URING_SETUP,
	}
	statement := func(code uint16, k uint32) unix.SockFilter { return unix.SockFilter{Code: code, K: k} }
	const load, equal, ret = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, unix.BPF_RET | unix.BPF_K
	program := []unix.SockFilter{
		statement(load, 4), // seccomp_data.arch
		{Code: equal, Jt: 1, K: arch},
		statement(ret, unix.SECCOMP_RET_KILL_PROCESS),
		statement(load, 0), // seccomp_data.nr
	}
	for i, nr := range refused {
		program = append(program, unix.SockFilter{Code: equal, Jt: uint8(len(refused) - i), K: nr})
	}
	program = append(program, statement(ret, unix.SECCOMP_RET_ALLOW), statement(ret, unix.SECCOMP_RET_ERRNO|uint32(unix.EPERM)))
	filter := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&filter)))
	runtime.KeepAlive(program)
	if errno == unix.ENOSYS || errno == unix.EINVAL {
		return nil // a kernel without seccomp: the namespace and the user remain
	}
	if errno != 0 {
		return errno
	}
	return nil
}
