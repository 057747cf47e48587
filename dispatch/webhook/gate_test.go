package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"code.dny.dev/ssrf"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/dispatch/webhook"
)

// forbidden holds ways to write an address that webhooks must never reach.
var forbidden = []string{
	// loopback
	"https://127.0.0.1/", "https://127.1/", "https://127.0.1/", "https://127.255.255.254/", "https://localhost/", "https://LOCALHOST./", "https://a.localhost/", "https://[::1]/", "https://[0:0:0:0:0:0:0:1]/",
	// loopback in other bases
	"https://2130706433/", "https://0x7f000001/", "https://0x7f.0x0.0x0.0x1/", "https://0x7F.1/", "https://0177.0.0.1/", "https://0177.0.0.01/", "https://017700000001/", "https://127.0.0.1./",
	// unspecified
	"https://0.0.0.0/", "https://0/", "https://[::]/",
	// private
	"https://10.0.0.1/", "https://172.16.0.1/", "https://172.31.255.255/", "https://192.168.1.1/", "https://0xc0.0xa8.1.1/", "https://3232235777/", "https://100.64.0.1/", "https://[fd00::1]/", "https://[fc00::1]/",
	// link-local and metadata
	"https://169.254.169.254/latest/meta-data/", "https://2852039166/", "https://0xa9fea9fe/", "https://0251.0376.0251.0376/", "https://[fe80::1]/", "https://[fe80::1%25eth0]/", "https://[fd00:ec2::254]/",
	// IPv4 inside IPv6: mapped, compatible, NAT64, 6to4, Teredo, ISATAP-like
	"https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[::ffff:a9fe:a9fe]/", "https://[::127.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://[64:ff9b:1::a00:1]/", "https://[2002:7f00:1::]/", "https://[2002:a9fe:a9fe::1]/", "https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
	// multicast, broadcast, reserved, documentation, benchmarking
	"https://224.0.0.1/", "https://255.255.255.255/", "https://240.0.0.1/", "https://192.0.2.1/", "https://198.18.0.1/", "https://[ff02::1]/", "https://[2001:db8::1]/",
	// look-alikes that a resolver may fold into digits and dots
	"https://①②⑦.⓪.⓪.①/", "https://127。0。0。1/", "https://１２７.0.0.1/", "https://127%2e0%2e0%2e1/",
	// confusing authorities
	"https://example.com@127.0.0.1/", "https://127.0.0.1#@example.com/", "https://127.0.0.1:443/", `https://127.0.0.1\@example.com/`,
}

func TestForbiddenAddressesAreRefusedAtBothGates(t *testing.T) {
	t.Parallel()
	if len(forbidden) < 40 {
		t.Fatalf("%d forms, want 40 or more", len(forbidden))
	}
	gate := &webhook.Gate{AllowHTTP: true, Resolver: answering(t, func(string) string { return "127.0.0.1" })}
	client := webhook.NewClient(gate)
	for _, raw := range forbidden {
		if err := gate.Check(t.Context(), raw); !fault.Is(err, fault.SchemaValidationFailed) {
			t.Errorf("registration of %s: %v, want SCHEMA_VALIDATION_FAILED", raw, err)
		}
		for _, url := range []string{raw, strings.Replace(raw, "https://", "http://", 1)} {
			res, err := client.Get(url)
			if err == nil {
				_ = res.Body.Close()
			}
			// Refused means by the gate, for not being a URL, or for not being a name
			// (Go's own resolver does not take numbers for one; the C library's reads
			// them as addresses, which the gate then sees). An attempt to connect is
			// a failure even when nobody answers.
			var unresolved *net.DNSError
			var failed *net.OpError
			if err == nil || errors.As(err, &failed) && !errors.Is(err, ssrf.ErrProhibitedIP) && !errors.As(err, &unresolved) {
				t.Errorf("%s was dialled: %v", url, err)
			}
		}
	}
}

// Nothing but the dial-time gate stands between these and a connection: the
// client is given the address as it would come out of a resolver.
func TestDialGateRefusesEveryForbiddenNetwork(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.9.9", "192.168.0.1", "169.254.169.254", "100.100.100.200", "192.0.0.192", "224.0.0.1", "255.255.255.255", "198.18.0.1",
	} {
		gate := &webhook.Gate{AllowHTTP: true, Resolver: answering(t, func(string) string { return address })}
		res, err := webhook.NewClient(gate).Get("http://rebound.example.com:8080/")
		if err == nil {
			_ = res.Body.Close()
		}
		if !errors.Is(err, ssrf.ErrProhibitedIP) {
			t.Errorf("%s: %v, want a refusal of the address", address, err)
		}
	}
}

func TestNameThatFlipsBetweenCheckAndDialNeverConnects(t *testing.T) {
	t.Parallel()
	var hits atomic.Int32
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	defer inside.Close()
	_, port, _ := net.SplitHostPort(inside.Listener.Addr().String())

	var asked atomic.Int32
	gate := &webhook.Gate{AllowHTTP: true, Resolver: answering(t, func(string) string {
		if asked.Add(1) == 1 {
			return "93.184.215.14"
		}
		return "127.0.0.1"
	})}
	url := "http://flip.example.com:" + port + "/"
	if err := gate.Check(t.Context(), url); err != nil {
		t.Fatalf("a public name was refused: %v", err)
	}
	if _, err := webhook.NewClient(gate).Get(url); !errors.Is(err, ssrf.ErrProhibitedIP) { //nolint:bodyclose // there is no answer
		t.Errorf("err = %v, want a refusal of the address", err)
	}
	if err := gate.Check(t.Context(), url); !fault.Is(err, fault.SchemaValidationFailed) {
		t.Errorf("registration after the flip: %v", err)
	}
	if hits.Load() != 0 {
		t.Error("the inside was reached")
	}
	if asked.Load() < 3 {
		t.Errorf("the name was looked up %d times, want at least 3", asked.Load())
	}
}

func TestGateAllowsWhatTheDeploymentAllows(t *testing.T) {
	t.Parallel()
	public := answering(t, func(string) string { return "93.184.215.14" })
	closed := &webhook.Gate{Resolver: public}
	local := &webhook.Gate{AllowLoopback: true, Resolver: public}
	clear := &webhook.Gate{AllowHTTP: true, Resolver: public}
	for _, test := range []struct {
		gate    *webhook.Gate
		url     string
		allowed bool
	}{
		{closed, "https://hooks.example.com/in?x=1", true},
		{closed, "https://hooks.example.com:8443/", true},
		{closed, "https://93.184.215.14/", true},
		{closed, "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/", true},
		{closed, "http://hooks.example.com/", false},
		{closed, "ftp://hooks.example.com/", false},
		{closed, "file:///etc/passwd", false},
		{closed, "gopher://hooks.example.com/", false},
		{closed, "hooks.example.com/in", false},
		{closed, "https:hooks.example.com", false},
		{closed, "https:///in", false},
		{closed, "", false},
		{closed, "https://user:pass@hooks.example.com/", false},
		{closed, "https://hooks.example.com/#part", false},
		{closed, "https://hooks.example.com:22/", false},
		{closed, "https://hooks.example.com:25/", false},
		{closed, "https://hooks.example.com:/", false},
		{closed, "https://hooks.example.com:70000/", false},
		{closed, "https://hooks.example.com/" + strings.Repeat("x", 2100), false},
		{closed, "https://hooks.example.com/\x00", false},
		{closed, "http://127.0.0.1:9000/", false},
		{local, "http://127.0.0.1:9000/", true},
		{local, "http://[::1]:9000/", true},
		{local, "https://127.0.0.1:9000/", true},
		{local, "http://hooks.example.com/", false},
		{local, "http://192.168.0.1:9000/", false},
		{local, "http://2130706433:9000/", false},
		{local, "http://169.254.169.254/", false},
		{clear, "http://hooks.example.com/", true},
		{clear, "http://127.0.0.1:9000/", false},
	} {
		if err := test.gate.Check(t.Context(), test.url); (err == nil) != test.allowed {
			t.Errorf("%q: %v, allowed should be %t", test.url, err, test.allowed)
		}
	}
}

func TestRefusalDoesNotTellWhatIsInside(t *testing.T) {
	t.Parallel()
	gate := &webhook.Gate{Resolver: answering(t, func(name string) string {
		if name == "db.example.com." {
			return "10.3.4.5"
		}
		return ""
	})}
	refusal := func(host string) string {
		t.Helper()
		err := gate.Check(t.Context(), "https://"+host+"/")
		var f *fault.Error
		if !errors.As(err, &f) || f.Code != fault.SchemaValidationFailed {
			t.Fatalf("%s: %v, want SCHEMA_VALIDATION_FAILED", host, err)
		}
		return strings.ReplaceAll(fmt.Sprint(f.Message, f.Details), host, "")
	}
	inside, nowhere := refusal("db.example.com"), refusal("nowhere.example.com")
	if strings.Contains(inside, "10.3.4.5") || inside != nowhere {
		t.Errorf("a name of the inside answers %q, one that does not exist %q", inside, nowhere)
	}
}

func TestClientUsesNoProxyAndFollowsNoRedirect(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("http_proxy", "http://127.0.0.1:1")
	var hits atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	client := webhook.NewClient(&webhook.Gate{AllowLoopback: true})
	if client.Transport.(*http.Transport).Proxy != nil {
		t.Error("the client asks for a proxy")
	}
	res, err := client.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusTemporaryRedirect || hits.Load() != 1 {
		t.Errorf("status %d after %d requests, want 307 after one", res.StatusCode, hits.Load())
	}
}

// answering is a resolver over a DNS server of the test's own. The address that
// the function returns is the name's A record; "" means that it has none.
func answering(t *testing.T, address func(name string) string) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	go func() {
		buffer := make([]byte, 2048)
		for {
			n, from, err := server.ReadFrom(buffer)
			if err != nil {
				return
			}
			if answer, err := answerTo(buffer[:n], address); err == nil {
				_, _ = server.WriteTo(answer, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

func answerTo(query []byte, address func(name string) string) ([]byte, error) {
	var m dnsmessage.Message
	if err := m.Unpack(query); err != nil {
		return nil, err
	}
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	q := m.Questions[0]
	if q.Type == dnsmessage.TypeA {
		if found := address(q.Name.String()); found != "" {
			m.Answers = []dnsmessage.Resource{{
				Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class},
				Body:   &dnsmessage.AResource{A: netip.MustParseAddr(found).As4()},
			}}
		} else {
			m.RCode = dnsmessage.RCodeNameError
		}
	}
	return m.Pack()
}
