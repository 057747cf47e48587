package jobs

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
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

// WebhookDeliver sends one delivery until it is received or given up.
type WebhookDeliver struct {
	DeliveryID string `json:"delivery_id"`

	// NextAttempt is set by a run that recorded a failed attempt, for the
	// worker's NextRetry. It is not stored: a run that was killed before it
	// recorded anything leaves it zero and runs again soon, without having used
	// up one of the documented attempts.
	NextAttempt time.Time `json:"-"`
}

// Kind implements river.JobArgs.
func (WebhookDeliver) Kind() string { return "webhook_deliver" }

// InsertOpts implements river.JobArgsWithInsertOpts. The schedule of ten attempts
// is the delivery's own; MaxAttempts also counts runs that were killed.
func (WebhookDeliver) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueWebhooks, MaxAttempts: 200}
}

// WebhookDeliverTimeout bounds one run: 15 s for the request, the rest to record it.
const WebhookDeliverTimeout = 30 * time.Second

// WebhookDeliverAgain is the pause before a run is repeated that was killed or
// could not record its attempt: short, but longer each time, so that a wrong
// configuration can be put right before River gives up, after most of a day.
func WebhookDeliverAgain(attempt int) time.Duration {
	return min(time.Duration(max(attempt, 1))*3*time.Second, 5*time.Minute)
}

// The priorities of deliveries: an account with a long backlog waits behind those without.
const (
	WebhookPriorityPrompt  = 1
	WebhookPriorityBusy    = 2
	WebhookPriorityBacklog = 3
)

// InsertPlan adds the job that plans an event's deliveries.
func InsertPlan(ctx context.Context, tx pgx.Tx, eventID string) error {
	return insert(ctx, tx, []river.InsertManyParams{{Args: WebhookPlan{EventID: eventID}}})
}

// InsertDeliveries adds one WebhookDeliver for each delivery in one statement.
func InsertDeliveries(ctx context.Context, tx pgx.Tx, priority int, deliveryIDs ...string) error {
	if len(deliveryIDs) == 0 {
		return nil
	}
	params := make([]river.InsertManyParams, len(deliveryIDs))
	for i, id := range deliveryIDs {
		params[i] = river.InsertManyParams{Args: WebhookDeliver{DeliveryID: id}, InsertOpts: &river.InsertOpts{Priority: priority}}
	}
	return insert(ctx, tx, params)
}

// WebhookReplay sends an endpoint again what failed in a time range.
type WebhookReplay struct {
	EndpointID  string    `json:"endpoint_id"`
	Since       time.Time `json:"since"`
	Until       time.Time `json:"until"`
	RequestedAt time.Time `json:"requested_at"`
}

// Kind implements river.JobArgs.
func (WebhookReplay) Kind() string { return "webhook_replay" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (WebhookReplay) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueMaintenance, MaxAttempts: 25}
}

// WebhookReplayTimeout bounds one run of WebhookReplay; it goes on where it stopped.
const WebhookReplayTimeout = 5 * time.Minute

// EventRetention prepares the log's next partitions and forgets what is older than the retention.
type EventRetention struct{}

// Kind implements river.JobArgs.
func (EventRetention) Kind() string { return "event_retention" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (EventRetention) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueMaintenance, MaxAttempts: 10, UniqueOpts: river.UniqueOpts{ByPeriod: time.Hour}}
}

const (
	// EventRetentionEvery is how often the periodic job runs.
	EventRetentionEvery = 6 * time.Hour
	// EventRetentionTimeout bounds one run.
	EventRetentionTimeout = 5 * time.Minute
)
