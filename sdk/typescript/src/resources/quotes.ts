import { byId, type Listing, type Page } from "../listing.js";
import type { RequestOptions, Transport } from "../transport.js";
import type { Invitation, InvitationQuery, NewQuote, Quote, QuoteQuery, QuoteRequest, QuoteRequestList, RequestQuotes } from "../types.js";

/** What talent asks for a task. */
export class Quotes {
  constructor(private readonly transport: Transport) {}

  /** Invites talent to quote: those named, or those that match. */
  request(taskId: string, request: RequestQuotes = {}, options?: RequestOptions): Promise<QuoteRequestList> {
    return this.transport.call("POST /v1/tasks/{id}/quote_requests", { path: { id: taskId }, body: request }, options);
  }

  list(taskId: string, query: QuoteQuery = {}, options?: RequestOptions): Listing<Page<Quote>, Quote> {
    return byId((after) => this.transport.call("GET /v1/tasks/{id}/quotes", { path: { id: taskId }, query: { ...query, ...after } }, options));
  }

  /** Accepts a quote, which can then be booked. */
  accept(id: string, options?: RequestOptions): Promise<Quote> {
    return this.transport.call("POST /v1/quotes/{id}/accept", { path: { id } }, options);
  }
}

/** The talent's side: invitations to quote. These need a talent token (`tk_…`) as key. */
export class QuoteRequests {
  constructor(private readonly transport: Transport) {}

  /** My invitations, with the brief. */
  list(query: InvitationQuery = {}, options?: RequestOptions): Listing<Page<Invitation>, Invitation> {
    return byId((after) => this.transport.call("GET /v1/talent/me/quote_requests", { query: { ...query, ...after } }, options));
  }

  /** Names a price for the whole task. */
  quote(id: string, quote: NewQuote, options?: RequestOptions): Promise<Quote> {
    return this.transport.call("POST /v1/quote_requests/{id}/quotes", { path: { id }, body: quote }, options);
  }

  decline(id: string, reason?: string, options?: RequestOptions): Promise<QuoteRequest> {
    return this.transport.call("POST /v1/quote_requests/{id}/decline", { path: { id }, body: reason === undefined ? {} : { reason } }, options);
  }
}
