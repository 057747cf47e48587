// Package mail writes mail to talent and hands it to an SMTP server, or to a
// folder where none is configured. It must not know the database or any job.
package mail

import (
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"regexp"
	"strings"
	"unicode"

	gomail "github.com/wneessen/go-mail"
)

// Message is one mail to one person.
type Message struct {
	To      string // a bare address: ada@example.com
	Subject string
	Text    string
	HTML    string // optional: the same as Text, for clients that show it
	// ID makes the Message-ID, so that a mail sent twice can be recognised:
	// letters, digits, ".", "_" and "-", such as the quote request's id.
	ID string
}

// Sender sends mail. A send that failed, or whose outcome is unknown, may be
// repeated with the same Message.
type Sender interface {
	// Send returns ErrRecipient when no repetition can help.
	Send(ctx context.Context, m Message) error
}

// ErrRecipient reports that the address is not one, or that the server refuses
// it for good.
var ErrRecipient = errors.New("mail: the recipient cannot be written to")

var idForm = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$`)

// compose makes the mail as it goes over the wire.
func compose(from *netmail.Address, m Message) (*gomail.Msg, error) {
	if !idForm.MatchString(m.ID) {
		return nil, fmt.Errorf("mail: ID %.130q: expected 1 to 128 letters, digits, '.', '_' or '-'", m.ID)
	}
	to, err := netmail.ParseAddress(m.To)
	if err != nil || to.Address != m.To {
		return nil, fmt.Errorf("%w: %.300q is no bare address such as ada@example.com", ErrRecipient, m.To)
	}
	msg := gomail.NewMsg()
	msg.FromMailAddress(from)
	msg.ToMailAddress(to)
	msg.Subject(oneLine(m.Subject))
	msg.SetMessageIDWithValue(m.ID + "@" + from.Address[strings.LastIndexByte(from.Address, '@')+1:])
	msg.SetDate()
	// RFC 3834: keeps holiday notices from answering.
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetUserAgent("HumanDispatch")
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	return msg, nil
}

func parseFrom(from string) (*netmail.Address, error) {
	address, err := netmail.ParseAddress(from)
	if err != nil {
		return nil, fmt.Errorf("mail: sender %q: expected an address such as HumanDispatch <no-reply@example.com>: %w", from, err)
	}
	return address, nil
}

// oneLine makes text safe for a header or a line of its own: control
// characters and runs of space become one space, direction overrides vanish.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
	return strings.Join(strings.Fields(s), " ")
}
