package event

// Type names what happened.
type Type string

// The events of the public API.
const (
	TaskCreated               Type = "task.created"
	TaskPolicyBlocked         Type = "task.policy_blocked"
	TaskUpdated               Type = "task.updated"
	TaskCancelled             Type = "task.cancelled"
	QuoteRequested            Type = "quote.requested"
	QuoteReceived             Type = "quote.received"
	QuoteDeclined             Type = "quote.declined"
	QuoteAccepted             Type = "quote.accepted"
	QuoteExpired              Type = "quote.expired"
	BookingConfirmed          Type = "booking.confirmed"
	BookingCheckinRecorded    Type = "booking.checkin_recorded"
	BookingCancelled          Type = "booking.cancelled"
	BookingNoShow             Type = "booking.no_show"
	DeliverableRegistered     Type = "deliverable.registered"
	QACompleted               Type = "qa.completed"
	WorkOrderChangesRequested Type = "work_order.changes_requested"
	WorkOrderAccepted         Type = "work_order.accepted"
	EscrowHoldExpiring        Type = "escrow.hold_expiring" // a live hold expires soon
	PayoutInitiated           Type = "payout.initiated"
	PayoutPaid                Type = "payout.paid"
	PayoutFailed              Type = "payout.failed"
	DisputeOpened             Type = "dispute.opened"
	DisputeResolved           Type = "dispute.resolved"
	LedgerDiscrepancy         Type = "ledger.discrepancy" // the account's money does not add up
	WebhookEndpointFailing    Type = "webhook.endpoint_failing"
	WebhookEndpointDisabled   Type = "webhook.endpoint_disabled"
	WebhookTest               Type = "webhook.test" // goes only to the endpoint that is tested
)

// Types lists every type in the order of a task's life: what an endpoint can
// subscribe to, and all that Append takes.
func Types() []Type {
	return []Type{
		TaskCreated, TaskPolicyBlocked, TaskUpdated, TaskCancelled,
		QuoteRequested, QuoteReceived, QuoteDeclined, QuoteAccepted, QuoteExpired,
		BookingConfirmed, BookingCheckinRecorded, BookingCancelled, BookingNoShow,
		DeliverableRegistered, QACompleted, WorkOrderChangesRequested, WorkOrderAccepted,
		EscrowHoldExpiring, PayoutInitiated, PayoutPaid, PayoutFailed, DisputeOpened, DisputeResolved, LedgerDiscrepancy,
		WebhookEndpointFailing, WebhookEndpointDisabled, WebhookTest,
	}
}
