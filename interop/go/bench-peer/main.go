// Load that the C programs cannot make, and a backend for it, for the benchmarks:
//
//	bench-peer handshakes -address HOST:PORT -connections N -seconds S [-resume]
//	bench-peer websockets -address HOST:PORT -connections N -seconds S
//	bench-peer websocket-backend -address HOST:PORT
//
// The first two print a line of JSON with what they counted; anything wrong is an error and not counted.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// load is what was asked for, and what became of it.
type load struct {
	address     string
	connections int
	until       time.Time
	resume      bool
	done        atomic.Int64
	resumed     atomic.Int64
}

func main() {
	if len(os.Args) < 2 {
		fail(fmt.Errorf("expected handshakes, websockets or websocket-backend"))
	}
	flags := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	address := flags.String("address", "", "host and port")
	connections := flags.Int("connections", 64, "how many at once")
	seconds := flags.Float64("seconds", 1, "how long")
	resume := flags.Bool("resume", false, "resume TLS sessions")
	_ = flags.Parse(os.Args[2:])
	asked := &load{address: *address, connections: *connections, resume: *resume}
	switch os.Args[1] {
	case "handshakes":
		fail(measure(asked, *seconds, handshakes))
	case "websockets":
		fail(measure(asked, *seconds, websockets))
	case "websocket-backend":
		fail(echoWebsockets(*address))
	default:
		fail(fmt.Errorf("expected handshakes, websockets or websocket-backend, got %q", os.Args[1]))
	}
}

// measure runs one function per connection until time is up, and prints what they counted.
func measure(asked *load, seconds float64, run func(*load) error) error {
	start := time.Now()
	asked.until = start.Add(time.Duration(seconds * float64(time.Second)))
	var group sync.WaitGroup
	problems := make(chan error, asked.connections)
	for range asked.connections {
		group.Add(1)
		go func() {
			defer group.Done()
			if err := run(asked); err != nil {
				problems <- err
			}
		}()
	}
	group.Wait()
	close(problems)
	if err := <-problems; err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"done":    asked.done.Load(),
		"resumed": asked.resumed.Load(),
		"seconds": time.Since(start).Seconds(),
	})
}

func fail(err error) {
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
