package mail

import (
	_ "embed"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"
	"time"
)

// InvitationData is what an invitation to quote says. Empty fields are left out.
type InvitationData struct {
	ID            string // of the quote request and its expiry
	To            string // the talent's address
	TalentName    string
	AccountName   string // who asks
	TaskTitle     string
	TaskType      string // in words: Retail audit photo check
	Brief         string
	Place         string    // an address, or Remote
	StartAt       time.Time // shown in its own offset
	DurationHours float64
	Budget        string    // up to 300.00 CAD
	ExpiresAt     time.Time // shown in StartAt's offset
	Link          string    // where to answer
}

//go:embed invitation.txt
var invitationText string

//go:embed invitation.html
var invitationHTML string

var (
	textInvitation = texttemplate.Must(texttemplate.New("invitation.txt").Funcs(funcs).Parse(invitationText))
	htmlInvitation = htmltemplate.Must(htmltemplate.New("invitation.html").Funcs(funcs).Parse(invitationHTML))
)

var funcs = map[string]any{
	"moment": func(t time.Time) string { return t.Format("Mon 2 Jan 2006, 15:04 (UTC-07:00)") },
	"quoted": func(s string) string { return "> " + strings.ReplaceAll(s, "\n", "\n> ") },
}

// Invitation asks talent for a quote.
func Invitation(data InvitationData) Message {
	// What others wrote stays within its line and cannot pass for our own words.
	for _, field := range []*string{&data.TalentName, &data.AccountName, &data.TaskTitle, &data.TaskType, &data.Place, &data.Budget} {
		*field = oneLine(*field)
	}
	var brief []string
	for line := range strings.Lines(strings.TrimSpace(data.Brief)) {
		brief = append(brief, oneLine(line))
	}
	data.Brief = strings.Join(brief, "\n")
	if !data.StartAt.IsZero() && !data.ExpiresAt.IsZero() {
		data.ExpiresAt = data.ExpiresAt.In(data.StartAt.Location())
	}

	var text, html strings.Builder
	// Both fail only on a mistake in the templates, which every test would show.
	if err := textInvitation.Execute(&text, data); err != nil {
		panic(err)
	}
	if err := htmlInvitation.Execute(&html, data); err != nil {
		panic(err)
	}
	return Message{To: data.To, Subject: "Quote wanted: " + data.TaskTitle, Text: text.String(), HTML: html.String(), ID: data.ID}
}
