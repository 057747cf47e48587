import { byId, Listing, type Page } from "../listing.js";
import type { RequestOptions, Transport } from "../transport.js";
import type { Delivery, DeliveryQuery, Event, EventQuery, NewWebhook, PageQuery, Replayed, ReplayWebhook, SecretWebhook, TestedWebhook, Webhook, WebhookChanges } from "../types.js";
import { type HeadersLike, type RawBody, unwrap, type UnwrapOptions } from "../webhook.js";

/** Endpoints of yours that events are posted to. */
export class Webhooks {
  constructor(
    private readonly transport: Transport,
    private readonly secret: string | string[],
  ) {}

  /** Registers an endpoint. The answer holds its secret, shown here only. */
  create(webhook: NewWebhook, options?: RequestOptions): Promise<SecretWebhook> {
    return this.transport.call("POST /v1/webhooks", { body: webhook }, options);
  }

  list(query: PageQuery = {}, options?: RequestOptions): Listing<Page<Webhook>, Webhook> {
    return byId((after) => this.transport.call("GET /v1/webhooks", { query: { ...query, ...after } }, options));
  }

  get(id: string, options?: RequestOptions): Promise<Webhook> {
    return this.transport.call("GET /v1/webhooks/{id}", { path: { id } }, options);
  }

  update(id: string, changes: WebhookChanges, options?: RequestOptions): Promise<Webhook> {
    return this.transport.call("PATCH /v1/webhooks/{id}", { path: { id }, body: changes }, options);
  }

  /** Ends an endpoint and what is waiting for it. */
  delete(id: string, options?: RequestOptions): Promise<void> {
    return this.transport.call("DELETE /v1/webhooks/{id}", { path: { id } }, options);
  }

  /** Gives the endpoint a new secret. For a day deliveries are signed with both. */
  rotateSecret(id: string, options?: RequestOptions): Promise<SecretWebhook> {
    return this.transport.call("POST /v1/webhooks/{id}/rotate_secret", { path: { id } }, options);
  }

  /** Sends an event of type webhook.test. */
  test(id: string, options?: RequestOptions): Promise<TestedWebhook> {
    return this.transport.call("POST /v1/webhooks/{id}/test", { path: { id } }, options);
  }

  /** What was sent to an endpoint, with every attempt. */
  listDeliveries(id: string, query: DeliveryQuery = {}, options?: RequestOptions): Listing<Page<Delivery>, Delivery> {
    return byId((after) => this.transport.call("GET /v1/webhooks/{id}/deliveries", { path: { id }, query: { ...query, ...after } }, options));
  }

  /** Sends one delivery again, or what failed in a time range; with `dry_run` it only counts them. */
  replay(id: string, replay: ReplayWebhook, query: { dry_run?: boolean } = {}, options?: RequestOptions): Promise<Replayed> {
    return this.transport.call("POST /v1/webhooks/{id}/replay", { path: { id }, query, body: replay }, options);
  }

  /**
   * Verifies a webhook that your server received and returns its event. Pass the
   * body as it came in, before any JSON parsing.
   *
   * @throws WebhookVerificationError when it must not be believed.
   */
  unwrap(rawBody: RawBody, headers: HeadersLike, options: Partial<UnwrapOptions> = {}): Promise<Event> {
    return unwrap(rawBody, headers, { secret: this.secret, ...options });
  }
}

/** Everything that happened to the account, in commit order and without gaps. */
export class Events {
  constructor(private readonly transport: Transport) {}

  /** Oldest first, after the sequence number `after`. */
  list(query: EventQuery = {}, options?: RequestOptions): Listing<Page<Event>, Event> {
    return new Listing(
      (last) => this.transport.call("GET /v1/events", { query: { ...query, ...(last && { after: last.sequence }) } }, options),
      (page) => page.data,
    );
  }

  get(id: string, options?: RequestOptions): Promise<Event> {
    return this.transport.call("GET /v1/events/{id}", { path: { id } }, options);
  }

  /**
   * What is there after `after`, and then what happens, by long polls, until you
   * leave the loop or abort the signal. To go on later, keep the sequence of the
   * last event you dealt with and pass it as `after`.
   */
  async *stream(query: EventQuery = {}, options?: RequestOptions): AsyncGenerator<Event, void, undefined> {
    let after = query.after ?? 0;
    for (;;) {
      const page = await this.list({ limit: 100, wait_seconds: 50, ...query, after }, options);
      for (const event of page.data) {
        yield event;
        after = event.sequence;
      }
    }
  }
}
