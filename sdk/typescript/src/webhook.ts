import { WebhookVerificationError } from "./errors.js";
import type { Event } from "./types.js";

/** The headers of an HTTP request, in whatever form your server has them. */
export type HeadersLike = Headers | Record<string, string | string[] | undefined>;

export interface UnwrapOptions {
  /** The endpoint's `whsec_…`; both the new and the old one while it is being rotated. */
  secret: string | string[];
  /** How old, or how far ahead, a webhook may be, in seconds. 300 unless set. */
  tolerance?: number;
  /** Seconds since 1970; now, unless set. */
  now?: number;
}

/**
 * Verifies a webhook and returns its event. The signature is over the bytes that
 * were sent: pass the body as it came in, before any JSON parsing. Standard
 * Webhooks, https://www.standardwebhooks.com.
 *
 * @throws WebhookVerificationError when it must not be believed.
 */
export async function unwrap(rawBody: string | Uint8Array | ArrayBuffer, headers: HeadersLike, options: UnwrapOptions): Promise<Event> {
  const secrets = [options.secret].flat().filter((secret) => secret !== "");
  if (secrets.length === 0) {
    throw new WebhookVerificationError("no secret: pass webhookSecret to the client or secret to unwrap, the whsec_… that creating the endpoint returned");
  }
  const id = header(headers, "webhook-id");
  const timestamp = header(headers, "webhook-timestamp");
  const signatures = header(headers, "webhook-signature");

  if (!/^\d{1,15}$/.test(timestamp)) throw new WebhookVerificationError(`webhook-timestamp: found ${JSON.stringify(timestamp)}, expected seconds since 1970`);
  const age = (options.now ?? Math.floor(Date.now() / 1000)) - Number(timestamp);
  const tolerance = options.tolerance ?? 300;
  if (Math.abs(age) > tolerance) {
    throw new WebhookVerificationError(`webhook-timestamp: ${Math.abs(age)} s ${age > 0 ? "ago" : "ahead"}, expected at most ${tolerance} s: it may be a replay, or a clock is wrong`);
  }

  const body = typeof rawBody === "string" ? new TextEncoder().encode(rawBody) : new Uint8Array(rawBody);
  const prefix = new TextEncoder().encode(`${id}.${timestamp}.`);
  const signed = new Uint8Array(prefix.length + body.length);
  signed.set(prefix);
  signed.set(body, prefix.length);

  for (const secret of secrets) {
    const key = await crypto.subtle.importKey("raw", keyOf(secret), { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
    for (const signature of signatures.split(" ")) {
      const [version, encoded] = signature.split(",", 2);
      const bytes = version === "v1" && encoded ? decode(encoded) : undefined;
      if (bytes && (await crypto.subtle.verify("HMAC", key, bytes, signed))) return JSON.parse(new TextDecoder().decode(body)) as Event;
    }
  }
  throw new WebhookVerificationError("webhook-signature: none was made with this secret over this body: check the secret, and that the body is passed as it came in");
}

function header(headers: HeadersLike, name: string): string {
  let value: string | string[] | null | undefined;
  if (typeof (headers as Headers).get === "function") {
    value = (headers as Headers).get(name);
  } else {
    for (const [key, entry] of Object.entries(headers)) if (key.toLowerCase() === name) value = entry;
  }
  if (Array.isArray(value)) value = value.join(" ");
  if (!value) throw new WebhookVerificationError(`${name}: the header is missing`);
  return value;
}

function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  const bytes = decode(secret.replace(/^whsec_/, ""));
  if (!bytes || bytes.length === 0) throw new WebhookVerificationError("the secret is not valid: expected whsec_ and Base64, as creating the endpoint returned it");
  return bytes;
}

function decode(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
