import { WebhookVerificationError } from "./errors.js";
import type { Event } from "./types.js";

/** The headers of an HTTP request, in whatever form your server has them. */
export type HeadersLike = Headers | Record<string, string | string[] | undefined>;

/** The body of an HTTP request as it came in. */
export type RawBody = string | Uint8Array | ArrayBuffer;

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
export async function unwrap(rawBody: RawBody, headers: HeadersLike, options: UnwrapOptions): Promise<Event> {
  await verify(rawBody, headers, options);
  return JSON.parse(typeof rawBody === "string" ? rawBody : new TextDecoder().decode(rawBody)) as Event;
}

/** Verifies a webhook, whatever is in it. Otherwise like unwrap. */
export async function verify(rawBody: RawBody, headers: HeadersLike, options: UnwrapOptions): Promise<void> {
  const keys = [options.secret].flat().filter((secret) => secret !== "").map(keyOf);
  if (keys.length === 0) {
    throw new WebhookVerificationError("secret", "no secret: pass webhookSecret to the client or secret to unwrap, the whsec_… that creating the endpoint returned");
  }
  const id = header(headers, "webhook-id");
  const timestamp = header(headers, "webhook-timestamp");
  const signatures = header(headers, "webhook-signature");

  if (!/^\d{1,15}$/.test(timestamp)) {
    throw new WebhookVerificationError("headers", `webhook-timestamp: found ${JSON.stringify(timestamp)}, expected seconds since 1970`);
  }
  const age = (options.now ?? Math.floor(Date.now() / 1000)) - Number(timestamp);
  const tolerance = options.tolerance ?? 300;

  const body = typeof rawBody === "string" ? new TextEncoder().encode(rawBody) : new Uint8Array(rawBody);
  const prefix = new TextEncoder().encode(`${id}.${timestamp}.`);
  const signed = new Uint8Array(prefix.length + body.length);
  signed.set(prefix);
  signed.set(body, prefix.length);

  for (const bytes of keys) {
    const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
    for (const signature of signatures.split(" ")) {
      const [version, encoded] = signature.split(",", 2);
      const mac = version === "v1" && encoded ? decode(encoded) : undefined;
      if (!mac || !(await crypto.subtle.verify("HMAC", key, mac, signed))) continue;
      if (Math.abs(age) <= tolerance) return;
      throw new WebhookVerificationError(
        age > 0 ? "too_old" : "too_new",
        `webhook-timestamp: ${Math.abs(age)} s ${age > 0 ? "ago" : "ahead"}, expected at most ${tolerance} s: it may be a replay, or a clock is wrong`,
      );
    }
  }
  throw new WebhookVerificationError("signature", "webhook-signature: none was made with this secret over this body: check the secret, and that the body is passed as it came in");
}

function header(headers: HeadersLike, name: string): string {
  let value: string | string[] | null | undefined;
  if (typeof (headers as Headers).get === "function") {
    value = (headers as Headers).get(name);
  } else {
    for (const [key, entry] of Object.entries(headers)) if (key.toLowerCase() === name) value = entry;
  }
  if (Array.isArray(value)) value = value.join(" ");
  // An empty signature header is there, and holds no signature.
  if (!value && !(value === "" && name === "webhook-signature")) throw new WebhookVerificationError("headers", `${name}: the header is missing`);
  return value ?? "";
}

function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  const bytes = decode(secret.replace(/^whsec_/, ""));
  if (!bytes || bytes.length < 24) {
    throw new WebhookVerificationError("secret", "the secret is not valid: expected whsec_ and at least 24 bytes as Base64, as creating the endpoint returned it");
  }
  return bytes;
}

function decode(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
