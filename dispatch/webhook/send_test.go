package webhook_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/humandispatch/humandispatch/dispatch/webhook"
)

// certified is a server whose certificate names what it likes.
func certified(t *testing.T, names ...string) *httptest.Server {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: names}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	server.Config.ErrorLog = nil
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

func attempt(t *testing.T, client *http.Client, url string) webhook.Attempt {
	t.Helper()
	a, err := webhook.Send(t.Context(), client, time.Now(), webhook.Due{URL: url, Secrets: []string{webhook.NewSecret()}})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestNamesInACertificateCannotSpoilTheRecord(t *testing.T) {
	t.Parallel()
	client := webhook.NewClient(&webhook.Gate{AllowLoopback: true})
	for name, server := range map[string]*httptest.Server{
		"NUL":  certified(t, "a\x00b.example.com"),
		"long": certified(t, strings.Repeat("a", 60<<10)),
	} {
		_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
		a := attempt(t, client, "https://localhost:"+port+"/")
		if !strings.HasPrefix(a.Error, "TLS: ") || strings.ContainsRune(a.Error, 0) || len(a.Error) > 2048 {
			t.Errorf("%s: %d bytes, %.200q", name, len(a.Error), a.Error)
		}
	}
}

// failing is a transport that always fails.
type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

func TestAttemptDoesNotShowAddressesOfThisNetwork(t *testing.T) {
	t.Parallel()
	local, remote := &net.TCPAddr{IP: net.IPv4(10, 3, 4, 5), Port: 40000}, &net.TCPAddr{IP: net.IPv4(93, 184, 215, 14), Port: 443}
	for _, err := range []error{
		&net.OpError{Op: "dial", Net: "tcp", Source: local, Addr: remote, Err: os.NewSyscallError("connect", syscall.EHOSTUNREACH)},
		&net.OpError{Op: "write", Net: "tcp", Source: local, Addr: remote, Err: os.NewSyscallError("write", syscall.EPIPE)},
		fmt.Errorf("net/http: HTTP/1.x transport connection broken: %w", &net.OpError{Op: "read", Net: "tcp", Source: local, Addr: remote, Err: syscall.EIO}),
		context.DeadlineExceeded,
	} {
		a := attempt(t, &http.Client{Transport: failing{err}}, "https://hooks.example.com/")
		if a.Error == "" || strings.Contains(a.Error, "10.3.4.5") {
			t.Errorf("%v is told as %q", err, a.Error)
		}
	}
}

func TestAttemptTellsARefusedHandshake(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12}
	server.StartTLS()
	t.Cleanup(server.Close)
	client := webhook.NewClient(&webhook.Gate{AllowLoopback: true})
	client.Transport.(*http.Transport).TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig
	if a := attempt(t, client, server.URL); !strings.Contains(a.Error, "tls: ") || strings.Contains(a.Error, "127.0.0.1") {
		t.Errorf("told as %q", a.Error)
	}
}
