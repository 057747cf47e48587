package talent_test

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db/dbtest"
	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/dispatch/talent"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

var now = time.Date(2026, 4, 22, 10, 0, 0, 123456789, time.UTC)

// bundle is a test's own world with one account in it.
type bundle struct {
	tx pgx.Tx
	n  int
}

func setup(t testing.TB) *bundle {
	t.Helper()
	b := &bundle{tx: dbtest.Tx(t)}
	if _, err := b.tx.Exec(t.Context(), `INSERT INTO accounts (id, name, livemode, created_at) VALUES ('acct_1', 'A', false, $1)`, now); err != nil {
		t.Fatal(err)
	}
	return b
}

// register adds talent with an address of its own unless one is given.
func (b *bundle) register(t testing.TB, n talent.New) (talent.Talent, string) {
	t.Helper()
	b.n++
	if n.Name == "" {
		n.Name = fmt.Sprintf("Talent %d", b.n)
	}
	if n.Email == "" {
		n.Email = fmt.Sprintf("talent%d@example.com", b.n)
	}
	who, token, err := talent.Register(t.Context(), b.tx, now, "acct_1", false, n)
	if err != nil {
		t.Fatal(err)
	}
	return who, token
}

func ptr[T any](v T) *T { return &v }

// fieldsOf returns the details.errors of a fault.
func fieldsOf(err error) []fault.Field {
	var f *fault.Error
	if !errors.As(err, &f) {
		return nil
	}
	fields, _ := f.Details["errors"].([]fault.Field)
	return fields
}

// wrong returns the fields that a SCHEMA_VALIDATION_FAILED fault names.
func wrong(t testing.TB, err error) []string {
	t.Helper()
	var paths []string
	if !fault.Is(err, fault.SchemaValidationFailed) {
		t.Fatalf("error = %v, want %s", err, fault.SchemaValidationFailed)
	}
	for _, field := range fieldsOf(err) {
		if field.Path == "" || field.Found == "" || field.Expected == "" || field.Fix == "" {
			t.Errorf("field %+v does not say everything", field)
		}
		paths = append(paths, field.Path)
	}
	return paths
}

func TestRegisteredTalentIsReadBackAsReturned(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who, token := b.register(t, talent.New{
		Name: "  Zoë  ", Email: "Zoe@Example.com", Bio: "Photographer.\nToronto.", Skills: []string{"Food  Photography", "food photography", "Audio"},
		TaskTypes: []string{"RETAIL_AUDIT_PHOTO_CHECK"}, Languages: []string{"EN", "fr-ca"}, City: "Toronto, ON", Lat: ptr(43.6532), Lng: ptr(-79.3832), RadiusKm: ptr(25.0),
	})
	if who.Name != "Zoë" || !reflect.DeepEqual(who.Skills, []string{"food photography", "audio"}) || !reflect.DeepEqual(who.Languages, []string{"en", "fr-CA"}) {
		t.Errorf("registered as %+v", who)
	}
	got, err := talent.Get(t.Context(), b.tx, false, who.ID)
	if err != nil || !reflect.DeepEqual(got, who) {
		t.Errorf("Get = %+v, %v\nwant %+v", got, err, who)
	}
	got, err = talent.Authenticate(t.Context(), b.tx, token)
	if err != nil || !reflect.DeepEqual(got, who) {
		t.Errorf("Authenticate = %+v, %v", got, err)
	}
	if email, err := talent.Email(t.Context(), b.tx, who.ID); err != nil || email != "Zoe@Example.com" {
		t.Errorf("Email = %q, %v", email, err)
	}
}

func TestLittleIsNeededToRegister(t *testing.T) {
	t.Parallel()
	who, _ := setup(t).register(t, talent.New{})
	if who.RadiusKm != talent.DefaultRadiusKm || who.Skills == nil || who.TaskTypes == nil || who.Languages == nil || who.Rating != nil || who.Lat != nil {
		t.Errorf("registered as %+v", who)
	}
}

func TestOnlyTheHashOfATokenIsStored(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, token := b.register(t, talent.New{})
	_, other := b.register(t, talent.New{})
	if !strings.HasPrefix(token, "tk_") || len(token) < len("tk_")+22 || token == other { // 22 characters of base64 are 128 bits
		t.Errorf("tokens %q, %q", token, other)
	}
	var found bool
	err := b.tx.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM talent_tokens k WHERE k::text LIKE '%' || $1 || '%')`, token[3:]).Scan(&found)
	if err != nil || found {
		t.Errorf("stored as it is: %v, %v", found, err)
	}
}

func TestUnknownAndRevokedTokensAreRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, token := b.register(t, talent.New{})
	for _, bad := range []string{"", "tk_", token + "x", token[:len(token)-1]} {
		if _, err := talent.Authenticate(t.Context(), b.tx, bad); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := b.tx.Exec(t.Context(), `UPDATE talent_tokens SET revoked_at = $1`, now); err != nil {
		t.Fatal(err)
	}
	if _, err := talent.Authenticate(t.Context(), b.tx, token); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("revoked: %v", err)
	}
}

func TestAnAddressIsRegisteredOnceAWorld(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.register(t, talent.New{Email: "ada@example.com"})
	_, _, err := talent.Register(t.Context(), b.tx, now, "acct_1", false, talent.New{Name: "Ada", Email: "ADA@example.com"})
	if !fault.Is(err, fault.InvalidState) {
		t.Fatalf("second registration: %v", err)
	}
	if fields := fieldsOf(err); len(fields) != 1 || fields[0].Path != "email" {
		t.Errorf("fields = %+v", fields)
	}
	// The transaction goes on, and the live world is another.
	if _, _, err := talent.Register(t.Context(), b.tx, now, "acct_1", true, talent.New{Name: "Ada", Email: "ada@example.com"}); err != nil {
		t.Errorf("in the other world: %v", err)
	}
}

func TestRegistrationNamesEveryProblemAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, _, err := talent.Register(t.Context(), b.tx, now, "acct_1", false, talent.New{
		Name: " ", Email: "Ada <ada@example.com>", Bio: strings.Repeat("b", 2001), Skills: []string{"ok", ""}, TaskTypes: []string{"retail"},
		Languages: []string{"en", "english"}, City: "a\x00b", Lat: ptr(91.0), RadiusKm: ptr(0.0),
	})
	want := []string{"name", "city", "bio", "email", "skills[1]", "task_types[0]", "languages[1]", "lat", "lng", "radius_km"}
	if got := wrong(t, err); !reflect.DeepEqual(got, want) {
		t.Errorf("fields = %v\nwant %v", got, want)
	}
	for path, n := range map[string]talent.New{
		"name":      {Name: "a\xff"},
		"email":     {Email: "ada"},
		"skills":    {Skills: make([]string, 51)},
		"lng":       {Lat: ptr(1.0), Lng: ptr(180.1)},
		"lat":       {Lng: ptr(1.0)},
		"radius_km": {RadiusKm: ptr(500.1)},
	} {
		if n.Name == "" {
			n.Name = "A"
		}
		if n.Email == "" {
			n.Email = "a@example.com"
		}
		_, _, err := talent.Register(t.Context(), b.tx, now, "acct_1", false, n)
		if got := wrong(t, err); got[0] != path {
			t.Errorf("fields = %v, want %s first", got, path)
		}
	}
}

func TestTalentOfTheOtherWorldIsNotFound(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who, _ := b.register(t, talent.New{})
	for livemode, id := range map[bool]string{true: who.ID, false: "tal_absent"} {
		if _, err := talent.Get(t.Context(), b.tx, livemode, id); !fault.Is(err, fault.NotFound) {
			t.Errorf("Get(%v, %s) = %v", livemode, id, err)
		}
	}
	if _, err := talent.Email(t.Context(), b.tx, "tal_absent"); !fault.Is(err, fault.NotFound) {
		t.Errorf("Email = %v", err)
	}
}

func TestCompletedWorkIsCounted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who, _ := b.register(t, talent.New{})
	for range 2 {
		if err := talent.Completed(t.Context(), b.tx, who.ID); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := talent.Get(t.Context(), b.tx, false, who.ID); err != nil || got.CompletedJobs != 2 {
		t.Errorf("completed jobs = %d, %v", got.CompletedJobs, err)
	}
	if err := talent.Completed(t.Context(), b.tx, "tal_absent"); !fault.Is(err, fault.NotFound) {
		t.Errorf("Completed = %v", err)
	}
}
