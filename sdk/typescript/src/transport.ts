import { APIError, ConnectionError, errorOf, HumanDispatchError, TimeoutError } from "./errors.js";
import type { AnswerOf, Input, OperationName } from "./operations.js";
import { VERSION } from "./version.js";

/** What may be said of a single request. */
export interface RequestOptions {
  /** Ends the request, its retries and the waits between them. The promise rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Milliseconds until one try is given up; what the server was asked to wait comes on top. */
  timeout?: number;
  /** How often to try again. */
  maxRetries?: number;
  /**
   * For a POST: the key under which it is done once, also if your program
   * repeats it after a crash. Unless given, each call has one of its own that
   * all its retries share.
   */
  idempotencyKey?: string;
}

/** How requests are made; each value is set by the client. */
export interface Settings {
  baseUrl: string;
  apiKey: string;
  timeout: number;
  maxRetries: number;
  /** Before the first retry, in milliseconds. */
  firstWait: number;
  /** The longest wait before a retry, in milliseconds. A longer Retry-After is not sat out. */
  maxWait: number;
  fetch: typeof fetch;
}

/** One request, made as often as it takes. */
export interface Outgoing {
  method: string;
  url: string;
  /** What errors call it: the URL of an upload is a secret. */
  label: string;
  headers: Record<string, string>;
  /** Makes the body anew for each try. */
  body?: () => BodyInit;
  timeout: number;
  maxRetries: number;
  signal?: AbortSignal | undefined;
  fetch?: typeof fetch;
}

const temporary = new Set([408, 429, 502, 503, 504]);

/** Speaks HTTP: keys, retries, timeouts, errors. Knows nothing of what an operation means. */
export class Transport {
  constructor(readonly settings: Settings) {}

  /** Calls an operation of the API by its name. */
  async call<N extends OperationName>(name: N, input: Input<N> = {}, options: RequestOptions = {}): Promise<AnswerOf<N>> {
    const [method, template] = name.split(" ") as [string, string];
    const query = (input.query ?? {}) as Record<string, unknown>;
    const path = fill(template, (input.path ?? {}) as Record<string, unknown>);
    const headers: Record<string, string> = { Accept: "application/json" };
    if (this.settings.apiKey) headers.Authorization = `Bearer ${this.settings.apiKey}`;
    if (method === "POST") headers["Idempotency-Key"] = options.idempotencyKey ?? randomKey();
    const outgoing: Outgoing = {
      method,
      url: this.settings.baseUrl + path + encode(query),
      label: `${method} ${path}`,
      headers,
      timeout: (options.timeout ?? this.settings.timeout) + Number(query.wait_seconds ?? 0) * 1000,
      maxRetries: options.maxRetries ?? this.settings.maxRetries,
      signal: options.signal,
    };
    if (input.body !== undefined) {
      const body = JSON.stringify(input.body);
      headers["Content-Type"] = "application/json";
      outgoing.body = () => body;
    }
    const text = await this.send(outgoing);
    if (text === "") return undefined as AnswerOf<N>;
    try {
      return JSON.parse(text) as AnswerOf<N>;
    } catch (cause) {
      throw new HumanDispatchError(`${outgoing.label}: the answer is not JSON`, { cause });
    }
  }

  /** Tries a request until it is answered for good and returns the body of a success. */
  async send(request: Outgoing): Promise<string> {
    if (runsOnServer) request.headers["User-Agent"] = `humandispatch-js/${VERSION}`;
    for (let tries = 0; ; tries++) {
      request.signal?.throwIfAborted();
      let failure: HumanDispatchError;
      try {
        return await this.once(request);
      } catch (error) {
        if (!(error instanceof HumanDispatchError)) throw error;
        failure = error;
      }
      if (request.method === "DELETE" && tries > 0 && failure instanceof APIError && failure.status === 404) {
        return ""; // an earlier try arrived without its answer arriving here
      }
      const wait = this.waitBefore(tries, failure);
      if (tries >= request.maxRetries || wait > this.settings.maxWait || !isTemporary(failure)) throw failure;
      await sleep(wait, request.signal);
    }
  }

  private async once(request: Outgoing): Promise<string> {
    const stop = new AbortController();
    const aborted = () => stop.abort();
    request.signal?.addEventListener("abort", aborted, { once: true });
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      stop.abort();
    }, request.timeout);
    try {
      const init: RequestInit & { duplex?: "half" } = { method: request.method, headers: request.headers, signal: stop.signal };
      if (request.body) {
        init.body = request.body();
        init.duplex = "half"; // required for a body that is a stream
      }
      const answer = await (request.fetch ?? this.settings.fetch)(request.url, init);
      const text = await answer.text();
      if (!answer.ok) throw errorOf(answer.status, answer.headers, text);
      return text;
    } catch (cause) {
      if (cause instanceof HumanDispatchError) throw cause;
      request.signal?.throwIfAborted();
      if (timedOut) throw new TimeoutError(`${request.label}: no answer within ${request.timeout} ms`, { cause });
      throw new ConnectionError(`${request.label}: ${reasonOf(cause)}`, { cause });
    } finally {
      clearTimeout(timer);
      request.signal?.removeEventListener("abort", aborted);
    }
  }

  /**
   * What the server asked for, or twice as long each time with up to half taken
   * off at random, so that callers who failed together do not return together.
   */
  private waitBefore(tries: number, failure: HumanDispatchError): number {
    if (failure instanceof APIError && failure.retryAfterMs !== undefined) return failure.retryAfterMs;
    return this.settings.firstWait * 2 ** tries * (1 - Math.random() / 2);
  }
}

/** Whether the same request may succeed later: a GET, a PUT of the same content and a POST under one key can all be repeated. */
function isTemporary(failure: HumanDispatchError): boolean {
  return failure instanceof APIError ? temporary.has(failure.status) : failure instanceof ConnectionError;
}

/** fetch says only that it failed; why is in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause as { message?: string; code?: string } | undefined;
  return cause?.message || cause?.code || error.message;
}

function fill(template: string, values: Record<string, unknown>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (typeof value !== "string" || value === "") {
      throw new HumanDispatchError(`${template}: ${name}: found ${value === "" ? "an empty string" : String(value)}, expected an id`);
    }
    return encodeURIComponent(value);
  });
}

function encode(query: Record<string, unknown>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)) search.set(name, String(value));
  }
  const text = search.toString();
  return text && `?${text}`;
}

function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const aborted = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", aborted);
      resolve();
    }, ms);
    signal?.addEventListener("abort", aborted, { once: true });
  });
}

/** Browsers name themselves, and ask the server whether a page may set this header. */
const runsOnServer = typeof (globalThis as { process?: { versions?: { node?: string } } }).process?.versions?.node === "string";
