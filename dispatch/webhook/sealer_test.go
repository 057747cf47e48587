package webhook_test

import (
	"testing"

	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/dispatch/webhook"
)

// A deployment whose secret was changed goes on signing with the secrets that
// endpoints were given before.
func TestSecretsOpenWithAPreviousKey(t *testing.T) {
	t.Parallel()
	tx, account := account(t)
	create(t, tx, account, "*") // sealed with key
	id := plan(t, tx, account, event.TaskCreated)[0]
	const changed, between = "another key of exactly 32 bytes!", "a key that came in between them.."
	rotated, err := webhook.NewSealer([]byte(changed), []byte(between)[:32], []byte(key))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := webhook.Load(t.Context(), tx, now, id, rotated, nil); err != nil {
		t.Error(err)
	}
	if _, err := webhook.NewSealer([]byte(key), []byte("short")); err == nil {
		t.Error("a previous key of 5 bytes was accepted")
	}
}
