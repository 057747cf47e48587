package media

import (
	"fmt"
	"net"
	"os"
	"strings"
)

// A child of a test binary is this package with its tests: the hook lets a test
// have a decoder misbehave.
func init() {
	beforeRead = func(req request) {
		switch req.Name {
		case "hang":
			select {}
		case "spin":
			for i := 0; ; i++ {
				_ = i
			}
		case "crash":
			crashed := make(chan bool)
			go func() { panic("a decoder's own goroutine") }()
			<-crashed
		case "panic":
			panic("index out of range")
		case "recurse":
			panic(recurse(0))
		case "grow":
			b := []byte{1}
			for {
				b = append(b, b...)
			}
		case "who":
			panic(fmt.Sprint("pid ", os.Getpid(), " user ", os.Getuid(), " environment ", len(os.Environ())))
		case "dial":
			_, err := net.Dial("tcp", "127.0.0.1:9")
			panic(fmt.Sprint("dial: ", err))
		case "listen":
			_, err := net.Listen("tcp", "127.0.0.1:0")
			panic(fmt.Sprint("listen: ", err))
		case "files":
			entries, err := os.ReadDir("/proc/self/fd")
			if err != nil {
				panic(err)
			}
			var open []string
			for _, e := range entries {
				if target, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && strings.HasPrefix(target, os.TempDir()) {
					open = append(open, target)
				}
			}
			panic(fmt.Sprint("files ", len(open)))
		}
	}
}

func recurse(n int) int {
	if n < 0 {
		return 0
	}
	return recurse(n+1) + n
}
