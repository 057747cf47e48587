/** Everything this SDK throws, except the reason of an abort signal of yours. */
export class HumanDispatchError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** No answer came, or it broke off. Whether the request had an effect is not known. */
export class ConnectionError extends HumanDispatchError {}

/** No answer came within the timeout. */
export class TimeoutError extends ConnectionError {}

/** A webhook is not from HumanDispatch, is too old, or was changed on its way. */
export class WebhookVerificationError extends HumanDispatchError {
  constructor(
    /** What is wrong: the configured secret, a missing or malformed header, the signature, or the time it was signed. */
    readonly reason: "secret" | "headers" | "signature" | "too_old" | "too_new",
    message: string,
  ) {
    super(message);
  }
}

/** One thing that was wrong with a request. */
export interface Problem {
  /** Where, as a path into the body, such as `schedule.start_at`. */
  path: string;
  found: string;
  expected: string;
  fix: string;
}

/** What the server answered instead of a success. */
export interface Refusal {
  status: number;
  code: string;
  message: string;
  details: Record<string, unknown>;
  requestId: string;
  retryAfterMs: number | undefined;
}

/** The server answered, and it was not a success. Each code has a class of its own. */
export class APIError extends HumanDispatchError {
  /** The HTTP status. */
  readonly status: number;
  /** Stable, such as `SCHEMA_VALIDATION_FAILED`; `HTTP_502` and the like when something in between answered. */
  readonly code: string;
  /** More by code. */
  readonly details: Record<string, unknown>;
  /** Name it when you ask the operator for help. */
  readonly requestId: string;
  /** How long the server asked to wait before trying again, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(refusal: Refusal) {
    const problems = problemsOf(refusal.details).map((p) => `; ${p.path}: found ${p.found}, expected ${p.expected}: ${p.fix}`);
    super(`${refusal.code}: ${refusal.message}${problems.join("")}${refusal.requestId && ` (${refusal.requestId})`}`);
    this.status = refusal.status;
    this.code = refusal.code;
    this.details = refusal.details;
    this.requestId = refusal.requestId;
    this.retryAfterMs = refusal.retryAfterMs;
  }

  /** Each thing that was wrong with the request, from `details.errors`. */
  get problems(): Problem[] {
    return problemsOf(this.details);
  }
}

function problemsOf(details: Record<string, unknown>): Problem[] {
  const errors = details.errors;
  if (!Array.isArray(errors)) return [];
  return errors.filter((e): e is Problem => typeof e === "object" && e !== null && "path" in e);
}

/** 400: the request is not valid; `problems` says where, what was expected and how to fix it. */
export class SchemaValidationError extends APIError {}
/** 401: the key is missing, unknown, revoked or expired. */
export class UnauthenticatedError extends APIError {}
/** 402: the hold is larger than what is available; `details` says both. */
export class InsufficientFundsError extends APIError {}
/** 402: the action needs a live escrow hold and the booking has none. */
export class EscrowRequiredError extends APIError {}
/** 403: the task is forbidden; `details` names the rule, the words and what to change. */
export class PolicyBlockedError extends APIError {}
/** 403: the key lacks the scope named in `details`. */
export class ScopeDeniedError extends APIError {}
/** 404: there is no such object, or it is another account's. */
export class NotFoundError extends APIError {}
/** 405: the path exists but not with this method. */
export class MethodNotAllowedError extends APIError {}
/** 409: the idempotency key was used for another request. */
export class IdempotencyConflictError extends APIError {}
/** 409: not possible in the present state; `details` names it and what is allowed from it. */
export class InvalidStateError extends APIError {}
/** 413: the body or file is too large. */
export class PayloadTooLargeError extends APIError {}
/** 415: the body is not of a type the operation takes. */
export class UnsupportedMediaTypeError extends APIError {}
/** 429: too many requests; see `retryAfterMs`. */
export class RateLimitedError extends APIError {}
/** 500: something went wrong on the server. */
export class InternalError extends APIError {}
/** 503: try again later. */
export class UnavailableError extends APIError {}

const byCode: Record<string, typeof APIError> = {
  SCHEMA_VALIDATION_FAILED: SchemaValidationError,
  UNAUTHENTICATED: UnauthenticatedError,
  INSUFFICIENT_FUNDS: InsufficientFundsError,
  ESCROW_REQUIRED: EscrowRequiredError,
  POLICY_BLOCKED: PolicyBlockedError,
  AUTH_SCOPE_DENIED: ScopeDeniedError,
  NOT_FOUND: NotFoundError,
  METHOD_NOT_ALLOWED: MethodNotAllowedError,
  CONFLICT_IDEMPOTENCY: IdempotencyConflictError,
  INVALID_STATE: InvalidStateError,
  PAYLOAD_TOO_LARGE: PayloadTooLargeError,
  UNSUPPORTED_MEDIA_TYPE: UnsupportedMediaTypeError,
  RATE_LIMITED: RateLimitedError,
  INTERNAL: InternalError,
  UNAVAILABLE: UnavailableError,
};

/** The error of an answer that is not a success, by its code. */
export function errorOf(status: number, headers: Headers, text: string): APIError {
  const refusal: Refusal = {
    status,
    code: `HTTP_${status}`,
    message: text.trim().slice(0, 200) || "no explanation was given",
    details: {},
    requestId: headers.get("x-request-id") ?? "",
    retryAfterMs: retryAfterOf(headers.get("retry-after")),
  };
  // What has no envelope of ours comes from something in between, such as a proxy.
  const error = envelopeOf(text);
  if (error) {
    refusal.code = error.code;
    refusal.message = typeof error.message === "string" ? error.message : "";
    if (typeof error.details === "object" && error.details !== null) refusal.details = error.details as Record<string, unknown>;
    if (typeof error.request_id === "string") refusal.requestId = error.request_id;
  }
  return new (byCode[refusal.code] ?? APIError)(refusal);
}

function envelopeOf(text: string): { code: string; message?: unknown; details?: unknown; request_id?: unknown } | undefined {
  try {
    const error = (JSON.parse(text) as { error?: { code?: unknown } } | null)?.error;
    return typeof error?.code === "string" ? (error as { code: string }) : undefined;
  } catch {
    return undefined;
  }
}

/** Retry-After in milliseconds: it is seconds or a date (RFC 9110, 10.2.3). */
function retryAfterOf(header: string | null): number | undefined {
  if (!header) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}
