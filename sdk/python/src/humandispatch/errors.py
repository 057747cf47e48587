"""What this package raises. It knows no HTTP client."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any


class HumanDispatchError(Exception):
    """Everything this package raises, except ValueError and TypeError for wrong arguments."""


class APIConnectionError(HumanDispatchError):
    """No answer came, or it broke off. Whether the request had an effect is not
    known; calling again with the same idempotency_key repeats nothing."""


class APITimeoutError(APIConnectionError):
    """No answer came in time."""


class WebhookVerificationError(HumanDispatchError):
    """A webhook is not from HumanDispatch, is too old, or was changed on its way."""


@dataclass(frozen=True)
class Problem:
    """One thing that was wrong with a request."""

    path: str  #: where, as a path into the body, such as ``schedule.start_at``
    found: str
    expected: str
    fix: str


class APIError(HumanDispatchError):
    """The server answered, and it was not a success. Each code has a class of its own."""

    def __init__(
        self,
        *,
        status: int,
        code: str,
        message: str,
        details: Mapping[str, Any] | None = None,
        request_id: str = "",
        retry_after: float | None = None,
        replayed: bool = False,
    ) -> None:
        self.status = status  #: HTTP status
        self.code = code  #: stable, such as ``SCHEMA_VALIDATION_FAILED``; ``HTTP_502`` and the like from something in between
        self.message = message
        self.details: Mapping[str, Any] = details or {}  #: more by code
        self.request_id = request_id  #: name it when you ask the operator for help
        self.retry_after = retry_after  #: seconds the server asked to wait before trying again
        self.replayed = replayed  #: the refusal of an earlier request under the same idempotency key
        text = f"{code}: {message}"
        for p in self.problems:
            text += f"; {p.path}: found {p.found}, expected {p.expected}: {p.fix}"
        super().__init__(f"{text} ({request_id})" if request_id else text)

    @property
    def problems(self) -> list[Problem]:
        """Each thing that was wrong with the request, from ``details["errors"]``."""
        errors = self.details.get("errors")
        if not isinstance(errors, list):
            return []
        return [
            Problem(*(str(e.get(name, "")) for name in ("path", "found", "expected", "fix")))
            for e in errors
            if isinstance(e, dict) and "path" in e
        ]


class SchemaValidationError(APIError):
    """400: the request is not valid; ``problems`` says where, what was expected and how to fix it."""


class UnauthenticatedError(APIError):
    """401: the key is missing, unknown, revoked or expired."""


class InsufficientFundsError(APIError):
    """402: the hold is larger than what is available; ``details`` says both."""


class EscrowRequiredError(APIError):
    """402: the action needs a live escrow hold and the booking has none."""


class PolicyBlockedError(APIError):
    """403: the task is forbidden; ``details`` names the rule, the words and what to change."""


class ScopeDeniedError(APIError):
    """403: the key lacks the scope named in ``details``."""


class NotFoundError(APIError):
    """404: there is no such object, or it is another account's."""


class MethodNotAllowedError(APIError):
    """405: the path exists but not with this method."""


class IdempotencyConflictError(APIError):
    """409: the idempotency key was used for another request."""


class InvalidStateError(APIError):
    """409: not possible in the present state; ``details`` names it and what is allowed from it."""


class PayloadTooLargeError(APIError):
    """413: the body or file is too large."""


class UnsupportedMediaTypeError(APIError):
    """415: the body is not of a type the operation takes."""


class RateLimitedError(APIError):
    """429: too many requests; see ``retry_after``."""


class InternalError(APIError):
    """500: something went wrong on the server."""


class UnavailableError(APIError):
    """503: try again later."""


BY_CODE: dict[str, type[APIError]] = {
    "SCHEMA_VALIDATION_FAILED": SchemaValidationError,
    "UNAUTHENTICATED": UnauthenticatedError,
    "INSUFFICIENT_FUNDS": InsufficientFundsError,
    "ESCROW_REQUIRED": EscrowRequiredError,
    "POLICY_BLOCKED": PolicyBlockedError,
    "AUTH_SCOPE_DENIED": ScopeDeniedError,
    "NOT_FOUND": NotFoundError,
    "METHOD_NOT_ALLOWED": MethodNotAllowedError,
    "CONFLICT_IDEMPOTENCY": IdempotencyConflictError,
    "INVALID_STATE": InvalidStateError,
    "PAYLOAD_TOO_LARGE": PayloadTooLargeError,
    "UNSUPPORTED_MEDIA_TYPE": UnsupportedMediaTypeError,
    "RATE_LIMITED": RateLimitedError,
    "INTERNAL": InternalError,
    "UNAVAILABLE": UnavailableError,
}


def error_of(status: int, headers: Mapping[str, str], content: bytes) -> APIError:
    """The error of an answer that is not a success, by its code. What has no
    envelope of ours comes from something in between, such as a proxy."""
    code, message = f"HTTP_{status}", content.decode("utf-8", "replace").strip()[:200]
    details: dict[str, Any] = {}
    request_id = headers.get("x-request-id", "")
    try:
        error = json.loads(content)["error"]
        if isinstance(error["code"], str):
            code, message = error["code"], str(error.get("message", ""))
            details = error["details"] if isinstance(error.get("details"), dict) else {}
            request_id = str(error.get("request_id") or request_id)
    except (ValueError, KeyError, TypeError):
        pass
    return BY_CODE.get(code, APIError)(
        status=status,
        code=code,
        message=message or "no explanation was given",
        details=details,
        request_id=request_id,
        retry_after=_retry_after(headers.get("retry-after", "")),
        replayed=headers.get("idempotency-replayed") == "true",
    )


def _retry_after(header: str) -> float | None:
    """Seconds or a date (RFC 9110, 10.2.3)."""
    if header.isascii() and header.isdigit():
        return float(header)
    try:
        at = parsedate_to_datetime(header)
    except (ValueError, TypeError):
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=timezone.utc)
    return max(0.0, (at - datetime.now(timezone.utc)).total_seconds())
