// Names for what the API takes and returns. The shapes come from the OpenAPI document.
import type { components } from "./openapi.js";
import type { AnswerOf, BodyOf, QueryOf } from "./operations.js";
import type { Page } from "./listing.js";

type Schemas = components["schemas"];
/** T, with K left out if you like. */
type Optionally<T, K extends keyof T> = Omit<T, K> & Partial<Pick<T, K>>;

export type Action = Schemas["Action"];
export type Template = Schemas["Template"];
export type TemplateList = Schemas["TemplateList"];
export type Task = Schemas["Task"];
export type CreatedTask = Schemas["CreatedTask"];
/** A task to create. Its place has a radius of 150 m unless you give one. */
export type NewTask = Omit<Schemas["NewTask"], "location"> & { location: Optionally<Schemas["Location"], "radius_m"> };
export type TaskQuery = QueryOf<"GET /v1/tasks">;
export type QuoteRequest = Schemas["QuoteRequest"];
export type QuoteRequestList = Schemas["QuoteRequestList"];
export type RequestQuotes = Schemas["RequestQuotesBody"];
export type Invitation = Schemas["Invitation"];
export type InvitationQuery = QueryOf<"GET /v1/talent/me/quote_requests">;
export type Quote = Schemas["Quote"];
export type NewQuote = Schemas["SubmitQuoteBody"];
export type QuoteQuery = QueryOf<"GET /v1/tasks/{id}/quotes">;
export type Booking = Schemas["Booking"];
export type NewBooking = Schemas["CreateBookingBody"];
export type CancelBooking = Schemas["CancelBookingBody"];
export type CancelledBooking = Schemas["CancelledBooking"];
export type NewCheckin = Schemas["RecordCheckinBody"];
export type RecordedCheckin = Schemas["RecordedCheckin"];
export type WorkOrder = Schemas["WorkOrder"];
export type Submission = Schemas["Submission"];
export type PreflightResult = Schemas["PreflightResult"];
export type QA = Schemas["QA"];
export type QAResult = Schemas["QAResult"];
export type Check = Schemas["Check"];
export type OverrideCheck = Schemas["OverrideCheckBody"];
export type RerunQA = Schemas["RerunQABody"];
export type RequestChanges = Schemas["RequestChangesBody"];
export type AcceptWork = Schemas["AcceptWorkBody"];
export type AcceptedWorkOrder = Schemas["AcceptedWorkOrder"];
export type SignedReceipt = AnswerOf<"GET /v1/work_orders/{id}/receipt">;
export type Dispute = Schemas["Dispute"];
export type NewDispute = Schemas["OpenDisputeBody"];
export type ResolveDispute = Schemas["ResolveDisputeBody"];
export type Talent = Schemas["Talent"];
export type FoundTalent = Schemas["FoundTalent"];
export type NewTalent = BodyOf<"POST /v1/talent">;
export type RegisteredTalent = Schemas["RegisteredTalent"];
export type TalentQuery = QueryOf<"GET /v1/talent/search">;
export type NewFile = Schemas["PresignBody"];
export type PresignedFile = Schemas["PresignedFile"];
export type StoredFile = Schemas["DownloadableFile"];
export type Webhook = Schemas["Endpoint"];
export type SecretWebhook = Schemas["SecretWebhook"];
export type NewWebhook = Schemas["CreateWebhookBody"];
export type WebhookChanges = Schemas["UpdateWebhookBody"];
export type TestedWebhook = Schemas["TestedWebhook"];
export type Delivery = Schemas["Delivery"];
export type DeliveryQuery = QueryOf<"GET /v1/webhooks/{id}/deliveries">;
export type ReplayWebhook = Schemas["ReplayWebhookBody"];
export type Replayed = Schemas["Replayed"];
export type Event = Schemas["Event"];
export type EventQuery = QueryOf<"GET /v1/events">;
export type Balances = Schemas["Balances"];
export type LedgerEntry = Schemas["Entry"];
export type Payout = Schemas["Payout"];
export type NewFunding = BodyOf<"POST /v1/fundings">;
export type Funding = AnswerOf<"POST /v1/fundings">;
export type NewSandboxFunding = Schemas["FundSandboxBody"];
export type SandboxFunding = Schemas["Funded"];
export type ReviewTask = Schemas["ReviewTaskBody"];
/** Which part of a list is wanted. */
export interface PageQuery {
  /** At most this many a page, 1 to 100; 20 unless given. */
  limit?: number;
  /** The id of the last object of the previous page. */
  starting_after?: string;
}
export type { Page };
