// MCP over standard input and output, carried to the API's own MCP server at
// /mcp (streamable HTTP). The tools are the server's: this knows none of them.
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { VERSION } from "../version.js";

type Id = string | number;
interface Message {
  jsonrpc: "2.0";
  id?: Id;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: { code: number; message: string; data?: unknown };
}

export interface BridgeOptions {
  /** The API, such as https://api.humandispatch.io. */
  apiUrl: string;
  apiKey: string;
  input: Readable;
  output: Writable;
  /** Milliseconds before the first retry, doubled for the second and last; 500 unless set. */
  retryDelay?: number;
}

const modern = "2026-07-28"; // from this revision on the version is said with each request

/** Carries messages until the input ends and all requests are answered. */
export async function bridge(options: BridgeOptions): Promise<void> {
  const { input, output } = options;
  const apiUrl = options.apiUrl.replace(/\/+$/, "");
  if (!/^https?:\/\/[^/]/.test(apiUrl)) {
    throw new Error(`HUMANDISPATCH_API_URL: found ${JSON.stringify(options.apiUrl)}, expected the address of the API, such as https://api.humandispatch.io`);
  }
  if (!options.apiKey.startsWith("sk_")) {
    throw new Error("HUMANDISPATCH_API_KEY: expected an API key, which begins with sk_live_ or sk_test_");
  }
  const running = new Map<Id, AbortController>();
  const pending = new Set<Promise<void>>();
  let negotiated: string | undefined; // protocol version, once initialized
  let session: string | undefined;
  let initializing: Promise<void> | undefined;

  const write = (message: Message) => output.write(`${JSON.stringify(message)}\n`);
  const fail = (id: Id | undefined, code: number, message: string) => {
    if (id !== undefined) write({ jsonrpc: "2.0", id, error: { code, message } });
  };

  const post = async (message: Message, signal: AbortSignal): Promise<Response> => {
    const headers: Record<string, string> = {
      Authorization: `Bearer ${options.apiKey}`,
      Accept: "application/json, text/event-stream",
      "Content-Type": "application/json",
      "User-Agent": `humandispatch-js-mcp/${VERSION}`,
    };
    const meta = message.params?._meta as Record<string, unknown> | undefined;
    const version = meta?.["io.modelcontextprotocol/protocolVersion"] ?? negotiated;
    if (typeof version === "string") {
      headers["Mcp-Protocol-Version"] = version;
      if (version >= modern && message.method) {
        headers["Mcp-Method"] = message.method;
        const name = message.params?.name ?? message.params?.uri;
        if (typeof name === "string") headers["Mcp-Name"] = name;
      }
    }
    if (session) headers["Mcp-Session-Id"] = session;
    // Tools are safe to call again: the server makes their idempotency keys from the call.
    for (let tries = 0; ; tries++) {
      const last = tries === 2;
      try {
        const answer = await fetch(`${apiUrl}/mcp`, { method: "POST", headers, body: JSON.stringify(message), signal });
        if (last || ![502, 503, 504].includes(answer.status)) return answer;
        await answer.body?.cancel();
      } catch (error) {
        if (last || signal.aborted) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, (options.retryDelay ?? 500) * 2 ** tries));
    }
  };

  const carry = async (message: Message, signal: AbortSignal): Promise<void> => {
    const { id } = message;
    let answered = id === undefined || message.method === undefined; // only requests are
    try {
      const answer = await post(message, signal);
      session = answer.headers.get("mcp-session-id") ?? session;
      for await (const received of messagesOf(answer)) {
        if (received.id === id && received.method === undefined) {
          answered = true;
          const version = received.result?.protocolVersion;
          if (message.method === "initialize" && typeof version === "string") negotiated = version;
        }
        write(received);
      }
      if (!answered) fail(id, -32603, `${apiUrl}/mcp answered without an answer: the connection may have broken off; call again`);
    } catch (error) {
      if (!answered && !signal.aborted) fail(id, -32603, explain(error, apiUrl));
    }
  };

  const take = (line: string): Promise<void> | undefined => {
    let message: Message;
    try {
      message = JSON.parse(line) as Message;
    } catch {
      output.write(`${JSON.stringify({ jsonrpc: "2.0", id: null, error: { code: -32700, message: "expected one JSON-RPC message a line" } })}\n`);
      return undefined;
    }
    const stop = new AbortController();
    if (message.method === "notifications/cancelled") {
      // Without sessions the server knows of this only by the request's own connection.
      running.get(message.params?.requestId as Id)?.abort();
    }
    const { id } = message;
    if (id === undefined) return carry(message, stop.signal);
    running.set(id, stop);
    const work = carry(message, stop.signal).finally(() => running.delete(id));
    if (message.method === "initialize") initializing = work;
    return work;
  };

  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    if (line.trim() === "") continue;
    await initializing; // what follows it is said in the version it settles
    const work = take(line);
    if (!work) continue;
    pending.add(work);
    void work.finally(() => pending.delete(work));
  }
  await Promise.all(pending);
}

/** The messages of an answer: one as JSON, or any number as server-sent events. */
async function* messagesOf(answer: Response): AsyncGenerator<Message> {
  const type = answer.headers.get("content-type") ?? "";
  if (answer.ok && type.startsWith("text/event-stream") && answer.body) {
    yield* eventsOf(answer.body);
    return;
  }
  const text = await answer.text();
  let body: unknown;
  try {
    body = text === "" ? undefined : JSON.parse(text);
  } catch {
    body = undefined;
  }
  const message = body as Message | undefined;
  if (message?.jsonrpc === "2.0") {
    yield message;
  } else if (!answer.ok) {
    throw new Refused(answer.status, (body as { error?: { code?: string; message?: string } } | undefined)?.error, text);
  }
}

async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Message> {
  const decoder = new TextDecoder();
  let rest = "";
  let data: string[] = [];
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
      if (line === "" && data.length > 0) {
        const text = data.join("\n");
        data = [];
        if (text !== "") yield JSON.parse(text) as Message;
      }
    }
    if (done) return;
  }
}

class Refused extends Error {
  constructor(status: number, error: { code?: string; message?: string } | undefined, text: string) {
    super(`${error?.code ?? `HTTP ${status}`}: ${error?.message ?? (text.trim().slice(0, 200) || "no explanation was given")}`);
  }
}

function explain(error: unknown, apiUrl: string): string {
  if (error instanceof Refused) return error.message;
  const cause = (error as { cause?: { message?: string; code?: string } }).cause;
  return `${apiUrl}/mcp cannot be reached: ${cause?.message || cause?.code || (error as Error).message}. Check HUMANDISPATCH_API_URL, then call again`;
}
