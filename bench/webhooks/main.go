// Command webhooks measures how fast events reach webhook endpoints: from the
// commit of an event to the 2xx of its receiver, with 1 and with 64 endpoints,
// beside the rate at which the same HTTP client posts to the same receiver with
// nothing else to do. Database, workers and receiver share this machine.
package main

import (
	"context"
	"fmt"
	"os"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "webhooks:", err)
		os.Exit(1)
	}
}
