package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Security says how the connection to the SMTP server is encrypted.
type Security string

// The ways to encrypt.
const (
	StartTLS Security = "starttls" // demanded, never optional; usually port 587
	TLS      Security = "tls"      // from the first byte; usually port 465
	Plain    Security = "none"     // for a relay on the same machine
)

// SMTPOptions says where mail is handed in.
type SMTPOptions struct {
	Host     string
	Port     int      // 0: 587, or 465 with TLS, or 25 with Plain
	Security Security // "": StartTLS
	Username string   // "": no authentication
	Password string
	From     string        // HumanDispatch <no-reply@example.com>
	Timeout  time.Duration // for one whole send; 0: 30 s
	TLS      *tls.Config   // nil: the system's roots
}

// SMTP sends over a connection of its own for each mail.
type SMTP struct {
	options SMTPOptions
	from    *netmail.Address
}

// NewSMTP checks the options. It connects to nothing yet.
func NewSMTP(options SMTPOptions) (*SMTP, error) {
	from, err := parseFrom(options.From)
	if err != nil {
		return nil, err
	}
	if options.Host == "" {
		return nil, errors.New("mail: SMTP needs a host")
	}
	ports := map[Security]int{StartTLS: 587, TLS: 465, Plain: 25}
	if options.Security == "" {
		options.Security = StartTLS
	}
	if ports[options.Security] == 0 {
		return nil, fmt.Errorf("mail: SMTP security %q: expected %s, %s or %s", options.Security, StartTLS, TLS, Plain)
	}
	if options.Port == 0 {
		options.Port = ports[options.Security]
	}
	if options.Timeout == 0 {
		options.Timeout = 30 * time.Second
	}
	if options.TLS == nil {
		options.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	options.TLS = options.TLS.Clone()
	options.TLS.ServerName = options.Host
	s := &SMTP{options: options, from: from}
	_, err = s.client(nil) // what else is wrong shows here
	return s, err
}

func (s *SMTP) client(dial gomail.DialContextFunc) (*gomail.Client, error) {
	o := s.options
	settings := []gomail.Option{
		gomail.WithPort(o.Port),
		gomail.WithTimeout(o.Timeout),
		gomail.WithTLSConfig(o.TLS),
	}
	switch o.Security {
	case StartTLS:
		settings = append(settings, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case TLS:
		// Dialled encrypted below; this makes the client look whether it is.
		settings = append(settings, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	case Plain:
		settings = append(settings, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if o.Username != "" {
		settings = append(settings, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(o.Username), gomail.WithPassword(o.Password))
	}
	if dial != nil {
		settings = append(settings, gomail.WithDialContextFunc(dial))
	}
	client, err := gomail.NewClient(o.Host, settings...)
	if err != nil {
		return nil, fmt.Errorf("mail: SMTP: %w", err)
	}
	return client, nil
}

// Send implements Sender.
func (s *SMTP) Send(ctx context.Context, m Message) error {
	msg, err := compose(s.from, m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.options.Timeout)
	defer cancel()
	client, err := s.client(func(dialCtx context.Context, network, address string) (net.Conn, error) {
		var conn net.Conn
		var err error
		if s.options.Security == TLS {
			conn, err = (&tls.Dialer{Config: s.options.TLS}).DialContext(dialCtx, network, address)
		} else {
			conn, err = (&net.Dialer{}).DialContext(dialCtx, network, address)
		}
		if err == nil {
			// The client watches the context while it dials only. Closing also
			// covers every way out that leaves the connection open.
			context.AfterFunc(ctx, func() { _ = conn.Close() })
		}
		return conn, err
	})
	if err != nil {
		return err
	}
	err = client.DialAndSendWithContext(ctx, msg)
	if err == nil || msg.IsDelivered() { // a failed farewell is no reason to send twice
		return nil
	}
	var refused *gomail.SendError
	if errors.As(err, &refused) && refused.Reason == gomail.ErrSMTPRcptTo && refused.ErrorCode() >= 500 {
		return fmt.Errorf("%w: %w", ErrRecipient, err)
	}
	return fmt.Errorf("mail: %w", err)
}
