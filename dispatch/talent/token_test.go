package talent_test

import (
	"testing"
	"time"

	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/dispatch/talent"
)

func TestReissuedTokenEndsTheOnesBefore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who, first := b.register(t, talent.New{})
	_, others := b.register(t, talent.New{})
	second, revoked, err := talent.ReissueToken(t.Context(), b.tx, now.Add(time.Hour), who.ID)
	if err != nil || revoked != 1 || second == first {
		t.Fatalf("reissue: %d revoked, %v", revoked, err)
	}
	if _, err := talent.Authenticate(t.Context(), b.tx, first); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("the old token: %v, want UNAUTHENTICATED", err)
	}
	if got, err := talent.Authenticate(t.Context(), b.tx, second); err != nil || got.ID != who.ID {
		t.Errorf("the new token: %s, %v", got.ID, err)
	}
	if revoked, err := talent.RevokeTokens(t.Context(), b.tx, now.Add(2*time.Hour), who.ID); err != nil || revoked != 1 {
		t.Errorf("revoke: %d, %v", revoked, err)
	}
	if _, err := talent.Authenticate(t.Context(), b.tx, second); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("after the revocation: %v, want UNAUTHENTICATED", err)
	}
	if _, err := talent.Authenticate(t.Context(), b.tx, others); err != nil {
		t.Errorf("somebody else's token: %v", err)
	}
	if _, _, err := talent.ReissueToken(t.Context(), b.tx, now, "tal_nobody"); !fault.Is(err, fault.NotFound) {
		t.Errorf("of nobody: %v, want NOT_FOUND", err)
	}
}
