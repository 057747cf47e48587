package jobs

import (
	"time"

	"github.com/riverqueue/river"
)

// WebhookPlan finds the endpoints that want an event and plans one delivery each.
type WebhookPlan struct {
	EventID string `json:"event_id"`
}

// Kind implements river.JobArgs.
func (WebhookPlan) Kind() string { return "webhook_plan" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (WebhookPlan) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueWebhooks, MaxAttempts: 25}
}

// WebhookPlanTimeout bounds one run of WebhookPlan.
const WebhookPlanTimeout = 30 * time.Second
