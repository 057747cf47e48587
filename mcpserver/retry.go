package mcpserver

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/humandispatch/humandispatch/client"
)

// keyOf is the idempotency key of a call, made from it; empty when the call is
// to be done anew each time. See Retries.
func (t *tool) keyOf(ctx context.Context, c *client.Client, args arguments) (string, error) {
	if !t.keyed || args.on("dry_run") {
		return "", nil
	}
	extra := ""
	if t.key != nil {
		var err error
		if extra, err = t.key(ctx, c, args); err != nil {
			return "", err
		}
	}
	canonical, err := canonicalJSON(args)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s", t.name, extra, canonical))
	return "mcp-" + hex.EncodeToString(sum[:]), nil
}

// canonicalJSON writes arguments the same however their fields are ordered and
// spaced. Numbers stay as they were written.
func canonicalJSON(args arguments) ([]byte, error) {
	raw, err := json.Marshal(args)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	return json.Marshal(v) // sorts the names
}

// isReplayedRefusal reports a refusal that was recorded under a key earlier.
func isReplayedRefusal(err error) bool {
	var refused *client.Error
	return errors.As(err, &refused) && refused.Replayed
}

// revision puts the work order's revision in the key: the same request for
// changes to another revision is another request.
func revision(ctx context.Context, c *client.Client, args arguments) (string, error) {
	order, err := c.GetWorkOrder(ctx, args.text("work_order_id"))
	return fmt.Sprint(order.Revision), err
}
