import { byId, type Listing, type Page } from "../listing.js";
import type { RequestOptions, Transport } from "../transport.js";
import type { Balances, Funding, LedgerEntry, NewFunding, NewSandboxFunding, PageQuery, Payout, ReviewTask, SandboxFunding, Task } from "../types.js";

/** The account's money. Amounts are in major units of the currency beside them. */
export class Money {
  constructor(private readonly transport: Transport) {}

  /** What can be spent and what is held, in each currency. */
  balance(options?: RequestOptions): Promise<Balances> {
    return this.transport.call("GET /v1/balance", {}, options);
  }

  /** Every movement, newest first. */
  listEntries(query: PageQuery = {}, options?: RequestOptions): Listing<Page<LedgerEntry>, LedgerEntry> {
    return byId((after) => this.transport.call("GET /v1/ledger/entries", { query: { ...query, ...after } }, options));
  }

  listPayouts(query: PageQuery = {}, options?: RequestOptions): Listing<Page<Payout>, Payout> {
    return byId((after) => this.transport.call("GET /v1/payouts", { query: { ...query, ...after } }, options));
  }

  getPayout(id: string, options?: RequestOptions): Promise<Payout> {
    return this.transport.call("GET /v1/payouts/{id}", { path: { id } }, options);
  }

  /** Brings money of your own into a live account, where the deployment has a payment provider. */
  fund(funding: NewFunding, options?: RequestOptions): Promise<Funding> {
    return this.transport.call("POST /v1/fundings", { body: funding }, options);
  }
}

/** What only test accounts can do. */
export class Sandbox {
  constructor(private readonly transport: Transport) {}

  /** Makes money out of nothing. */
  fund(funding: NewSandboxFunding, options?: RequestOptions): Promise<SandboxFunding> {
    return this.transport.call("POST /v1/sandbox/fund", { body: funding }, options);
  }
}

/** For reviewers: tasks that policy screening parked. */
export class Reviews {
  constructor(private readonly transport: Transport) {}

  list(query: PageQuery = {}, options?: RequestOptions): Listing<Page<Task>, Task> {
    return byId((after) => this.transport.call("GET /v1/reviews/policy", { query: { ...query, ...after } }, options));
  }

  /** Lets a task go on, or blocks it. */
  decide(taskId: string, decision: ReviewTask, options?: RequestOptions): Promise<Task> {
    return this.transport.call("POST /v1/reviews/policy/{id}", { path: { id: taskId }, body: decision }, options);
  }
}
