package mail_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/humandispatch/humandispatch/workers/mail"
)

const from = "HumanDispatch <no-reply@dispatch.example>"

// inbox is an SMTP server that keeps what it is given.
type inbox struct {
	mu       sync.Mutex
	mails    []string
	users    []string
	rcptErr  error
	implicit bool // TLS from the first byte
	noTLS    bool
}

type session struct {
	*inbox
	secured bool
}

func (s session) Reset()                               {}
func (s session) Logout() error                        { return nil }
func (s session) Mail(string, *smtp.MailOptions) error { return nil }
func (s session) Rcpt(string, *smtp.RcptOptions) error { return s.rcptErr }
func (s session) AuthMechanisms() []string             { return []string{sasl.Plain} }
func (s session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "ada" || password != "secret" || !s.secured {
			return smtp.ErrAuthFailed
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.users = append(s.users, user)
		return nil
	}), nil
}

func (s session) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = append(s.mails, string(data))
	return err
}

// serve starts the inbox on loopback and returns options that reach it.
func serve(t *testing.T, box *inbox) mail.SMTPOptions {
	t.Helper()
	cert, roots := certificate(t)
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		_, secured := c.TLSConnectionState()
		return session{box, secured}, nil
	}))
	server.Domain = "localhost"
	server.ErrorLog = discard{}
	config := &tls.Config{Certificates: []tls.Certificate{cert}}
	if !box.noTLS && !box.implicit {
		server.TLSConfig = config
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	options := mail.SMTPOptions{Host: "127.0.0.1", Port: port, From: from, Username: "ada", Password: "secret", TLS: &tls.Config{RootCAs: roots}}
	if box.implicit {
		listener = tls.NewListener(listener, config)
		options.Security = mail.TLS
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return options
}

type discard struct{}

func (discard) Printf(string, ...any) {}
func (discard) Println(...any)        {}

func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

func newSMTP(t *testing.T, options mail.SMTPOptions) *mail.SMTP {
	t.Helper()
	s, err := mail.NewSMTP(options)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func invitation() mail.InvitationData {
	toronto := time.FixedZone("", -4*3600)
	return mail.InvitationData{
		ID: "qr_01J0", To: "zoe@example.com", TalentName: "Zoë", AccountName: "Acme <Audits>", TaskTitle: "Shelf photos — 3 stores",
		TaskType: "Retail audit photo check", Brief: "Bring a charger.\nAsk for Sam.", Place: "Queen St, Toronto",
		StartAt: time.Date(2026, 4, 22, 10, 0, 0, 0, toronto), DurationHours: 1.5, Budget: "up to 300.00 CAD",
		ExpiresAt: time.Date(2026, 4, 21, 14, 0, 0, 0, time.UTC), Link: "https://dispatch.example/t/qr_01J0?token=tk_a&b=1",
	}
}

// parse reads a mail as a client would: headers, text and HTML.
func parse(t *testing.T, raw string) (netmail.Header, string, string) {
	t.Helper()
	msg, err := netmail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("Content-Type %s, %v", kind, err)
	}
	bodies := map[string]string{}
	parts := multipart.NewReader(msg.Body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type"))
		bodies[kind] = strings.ReplaceAll(string(body), "\r\n", "\n")
	}
	return msg.Header, bodies["text/plain"], bodies["text/html"]
}

func TestSMTPSendsEncryptedAndAuthenticated(t *testing.T) {
	t.Parallel()
	for name, box := range map[string]*inbox{"starttls": {}, "tls": {implicit: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSMTP(t, serve(t, box))
			for range 2 { // as a retried job would
				if err := s.Send(t.Context(), mail.Invitation(invitation())); err != nil {
					t.Fatal(err)
				}
			}
			if len(box.mails) != 2 || len(box.users) != 2 {
				t.Fatalf("%d mails from %d users", len(box.mails), len(box.users))
			}
			for _, raw := range box.mails {
				h, text, html := parse(t, raw)
				subject, err := new(mime.WordDecoder).DecodeHeader(h.Get("Subject"))
				if err != nil || subject != "Quote wanted: Shelf photos — 3 stores" {
					t.Errorf("Subject = %q, %v", subject, err)
				}
				if h.Get("Message-ID") != "<qr_01J0@dispatch.example>" || h.Get("To") != "<zoe@example.com>" || h.Get("Date") == "" || h.Get("Auto-Submitted") != "auto-generated" {
					t.Errorf("headers = %v", h)
				}
				if !strings.Contains(text, "Hello Zoë,") || !strings.Contains(html, "Acme &lt;Audits&gt;") {
					t.Errorf("text:\n%s\nhtml:\n%s", text, html)
				}
			}
		})
	}
}

func TestSMTPNeverFallsBackToPlainText(t *testing.T) {
	t.Parallel()
	box := &inbox{noTLS: true}
	if err := newSMTP(t, serve(t, box)).Send(t.Context(), mail.Invitation(invitation())); err == nil || !strings.Contains(err.Error(), "STARTTLS") {
		t.Errorf("Send = %v", err)
	}
	options := serve(t, &inbox{})
	options.TLS = nil // the system does not know the server's certificate
	if err := newSMTP(t, options).Send(t.Context(), mail.Invitation(invitation())); err == nil {
		t.Error("an unknown certificate was accepted")
	}
	if len(box.mails) != 0 {
		t.Error("a mail went out")
	}
}

func TestSMTPWithoutSecurityOrAuthentication(t *testing.T) {
	t.Parallel()
	box := &inbox{noTLS: true}
	options := serve(t, box)
	options.Security, options.Username = mail.Plain, ""
	if err := newSMTP(t, options).Send(t.Context(), mail.Invitation(invitation())); err != nil || len(box.mails) != 1 {
		t.Errorf("%d mails, %v", len(box.mails), err)
	}
}

func TestRefusedRecipientIsToldFromTrouble(t *testing.T) {
	t.Parallel()
	for code, permanent := range map[int]bool{550: true, 450: false} {
		s := newSMTP(t, serve(t, &inbox{rcptErr: &smtp.SMTPError{Code: code, Message: "no"}}))
		if err := s.Send(t.Context(), mail.Invitation(invitation())); err == nil || errors.Is(err, mail.ErrRecipient) != permanent {
			t.Errorf("%d: %v", code, err)
		}
	}
}

func TestSendEndsWithItsContextAndItsTimeout(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0") // accepts and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	accepted := make(chan struct{}, 2)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			accepted <- struct{}{}
		}
	}()
	options := mail.SMTPOptions{Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, From: from}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-accepted
		cancel()
	}()
	if err := newSMTP(t, options).Send(ctx, mail.Invitation(invitation())); err == nil {
		t.Error("cancelled send succeeded")
	}
	options.Timeout = 50 * time.Millisecond
	if err := newSMTP(t, options).Send(t.Context(), mail.Invitation(invitation())); err == nil {
		t.Error("send to a silent server succeeded")
	}
}

func TestHeadersCannotBeInjected(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	folder, err := mail.NewFolder(dir, from)
	if err != nil {
		t.Fatal(err)
	}
	m := mail.Message{To: "a@example.com", Subject: "Hi\r\nBcc: b@example.com\r\n\r\nbody\u202e", Text: "x", HTML: "<p>x</p>", ID: "m1"}
	if err := folder.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "m1.eml"))
	if err != nil {
		t.Fatal(err)
	}
	h, _, _ := parse(t, string(raw))
	if h.Get("Bcc") != "" || h.Get("Subject") != "Hi Bcc: b@example.com body" {
		t.Errorf("headers = %v", h)
	}
	for _, to := range []string{"", "a", "a@example.com, b@example.com", "a@example.com\r\nBcc: b@example.com", "A <a@example.com>", "a@example.com\x00", "<a@example.com>"} {
		m.To = to
		if err := folder.Send(t.Context(), m); !errors.Is(err, mail.ErrRecipient) {
			t.Errorf("To %q: %v", to, err)
		}
	}
	m.To = "a@example.com"
	for _, id := range []string{"", "../m", "a/b", "a>\r\nBcc: b@example.com", ".m", strings.Repeat("a", 129)} {
		m.ID = id
		if err := folder.Send(t.Context(), m); err == nil {
			t.Errorf("ID %q was accepted", id)
		}
	}
}

func TestFolderKeepsOneFileForEachMail(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "mails")
	folder, err := mail.NewFolder(dir, from)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"first", "second"} {
		if err := folder.Send(t.Context(), mail.Message{To: "a@example.com", Subject: "S", Text: text, ID: "m1"}); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != "m1.eml" {
		t.Fatalf("%v, %v", entries, err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "m1.eml"))
	if err != nil || !bytes.Contains(raw, []byte("second")) {
		t.Errorf("%s, %v", raw, err)
	}
}

func TestInvitationSaysWhatTalentNeedsToDecide(t *testing.T) {
	t.Parallel()
	m := mail.Invitation(invitation())
	want := `Hello Zoë,

Acme <Audits> would like your quote for:

Shelf photos — 3 stores
What: Retail audit photo check
Where: Queen St, Toronto
When: Wed 22 Apr 2026, 10:00 (UTC-04:00)
How long: 1.5 hours
Budget: up to 300.00 CAD

They write:
> Bring a charger.
> Ask for Sam.

Read everything, and quote or decline, here:
https://dispatch.example/t/qr_01J0?token=tk_a&b=1

Please answer by Tue 21 Apr 2026, 10:00 (UTC-04:00).
`
	if !strings.HasPrefix(m.Text, want) {
		t.Errorf("text:\n%s\nwant:\n%s", m.Text, want)
	}
	if m.ID != "qr_01J0" || m.To != "zoe@example.com" {
		t.Errorf("message = %+v", m)
	}
	if !strings.Contains(m.HTML, `href="https://dispatch.example/t/qr_01J0?token=tk_a&amp;b=1"`) {
		t.Errorf("html:\n%s", m.HTML)
	}
}

func TestInvitationHoldsWhatOthersWroteInItsPlace(t *testing.T) {
	t.Parallel()
	m := mail.Invitation(mail.InvitationData{
		ID: "q", To: "a@example.com", TaskTitle: "T\n\nhttps://evil.example", AccountName: "<script>x</script>",
		Brief: "a\r\nHello, quote here: https://evil.example", Link: "javascript:alert(1)",
	})
	for line := range strings.Lines(m.Text) {
		if strings.HasPrefix(line, "https://evil") || strings.HasPrefix(line, "Hello, quote") {
			t.Errorf("text:\n%s", m.Text)
		}
	}
	if strings.Contains(m.HTML, "<script") || strings.Contains(m.HTML, "javascript:") {
		t.Errorf("html:\n%s", m.HTML)
	}
	if strings.Contains(m.Text, "When:") || strings.Contains(m.HTML, "How long") {
		t.Errorf("empty fields are shown:\n%s", m.Text)
	}
}

func TestOptionsNameWhatIsWrong(t *testing.T) {
	t.Parallel()
	for want, options := range map[string]mail.SMTPOptions{
		"host":     {From: from},
		"sender":   {Host: "localhost", From: "nobody"},
		"security": {Host: "localhost", From: from, Security: "maybe"},
		"port":     {Host: "localhost", From: from, Port: 70000},
	} {
		if _, err := mail.NewSMTP(options); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if _, err := mail.NewFolder(t.TempDir(), "nobody"); err == nil {
		t.Error("a sender that is no address was accepted")
	}
}
