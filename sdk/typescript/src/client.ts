import { HumanDispatchError } from "./errors.js";
import type { AnswerOf, Input, OperationName } from "./operations.js";
import { Bookings } from "./resources/bookings.js";
import { Files } from "./resources/files.js";
import { Money, Reviews, Sandbox } from "./resources/money.js";
import { QuoteRequests, Quotes } from "./resources/quotes.js";
import { Talent } from "./resources/talent.js";
import { Tasks, Templates } from "./resources/tasks.js";
import { Events, Webhooks } from "./resources/webhooks.js";
import { Disputes, WorkOrders } from "./resources/work_orders.js";
import { type RequestOptions, type Settings, Transport } from "./transport.js";

export interface ClientOptions {
  /** `sk_live_…`, `sk_test_…`, or a talent's `tk_…`. HUMANDISPATCH_API_KEY unless given; without one only the public operations can be reached. */
  apiKey?: string;
  /** HUMANDISPATCH_API_URL unless given, and https://api.humandispatch.io without either. */
  baseUrl?: string;
  /** `whsec_…` of your webhook endpoint, for `webhooks.unwrap`. */
  webhookSecret?: string | string[];
  /** Milliseconds until one try is given up; 60,000 unless set. */
  timeout?: number;
  /** How often a request is tried again; 2 unless set. */
  maxRetries?: number;
  /** Milliseconds before the first retry, doubled for each further one; 500 unless set. */
  retryDelay?: number;
  /** The longest wait in milliseconds before a retry; 60,000 unless set. A longer Retry-After is thrown at once as the error it came with. */
  maxRetryDelay?: number;
  /** Sends requests; the global fetch unless given. */
  fetch?: typeof fetch;
}

/** The HumanDispatch API as one caller. */
export class HumanDispatch {
  readonly templates: Templates;
  readonly tasks: Tasks;
  readonly quotes: Quotes;
  readonly quoteRequests: QuoteRequests;
  readonly bookings: Bookings;
  readonly workOrders: WorkOrders;
  readonly disputes: Disputes;
  readonly talent: Talent;
  readonly files: Files;
  readonly webhooks: Webhooks;
  readonly events: Events;
  readonly money: Money;
  readonly sandbox: Sandbox;
  readonly reviews: Reviews;

  private readonly transport: Transport;

  constructor(private readonly options: ClientOptions = {}) {
    const baseUrl = (options.baseUrl ?? environment("HUMANDISPATCH_API_URL") ?? "https://api.humandispatch.io").replace(/\/+$/, "");
    if (!/^https?:\/\/[^/]/.test(baseUrl)) throw new HumanDispatchError(`baseUrl: found ${JSON.stringify(baseUrl)}, expected an address such as https://api.humandispatch.io`);
    const settings: Settings = {
      baseUrl,
      apiKey: options.apiKey ?? environment("HUMANDISPATCH_API_KEY") ?? "",
      timeout: options.timeout ?? 60_000,
      maxRetries: options.maxRetries ?? 2,
      firstWait: options.retryDelay ?? 500,
      maxWait: options.maxRetryDelay ?? 60_000,
      fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    };
    const transport = new Transport(settings);
    this.transport = transport;
    this.templates = new Templates(transport);
    this.tasks = new Tasks(transport);
    this.quotes = new Quotes(transport);
    this.quoteRequests = new QuoteRequests(transport);
    this.bookings = new Bookings(transport);
    this.workOrders = new WorkOrders(transport);
    this.disputes = new Disputes(transport);
    this.talent = new Talent(transport);
    this.files = new Files(transport);
    this.webhooks = new Webhooks(transport, options.webhookSecret ?? environment("HUMANDISPATCH_WEBHOOK_SECRET") ?? "");
    this.events = new Events(transport);
    this.money = new Money(transport);
    this.sandbox = new Sandbox(transport);
    this.reviews = new Reviews(transport);
  }

  /** The same server as somebody else, such as a talent. */
  as(apiKey: string): HumanDispatch {
    return new HumanDispatch({ ...this.options, apiKey });
  }

  /** Calls any operation by its name in the OpenAPI document, such as `"GET /v1/tasks/{id}"`. */
  call<N extends OperationName>(name: N, input?: Input<N>, options?: RequestOptions): Promise<AnswerOf<N>> {
    return this.transport.call(name, input, options);
  }
}

/** An environment variable, where there are any and they may be read: Deno throws without permission. */
function environment(name: string): string | undefined {
  try {
    return (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.[name] || undefined;
  } catch {
    return undefined;
  }
}
