"""Whether a webhook is genuine, by the Standard Webhooks specification."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence

from ._model import decode
from .errors import HumanDispatchError, WebhookVerificationError
from .models import Event

#: How many seconds a webhook may be old, or ahead.
TOLERANCE = 300

_SHORTEST_SECRET = 24  # bytes, by the specification


def verify(
    body: bytes | str,
    headers: Mapping[str, str],
    secret: str | Sequence[str],
    *,
    tolerance: float = TOLERANCE,
    now: float | None = None,
) -> None:
    """Raises WebhookVerificationError unless body was signed with one of the
    secrets within the last five minutes, or as long as tolerance says. body is what was received, byte by
    byte: parsed and written again it is another one."""
    raw = body.encode() if isinstance(body, str) else bytes(body)
    given = {name.lower(): value for name, value in headers.items()}
    webhook_id, timestamp, signatures = (given.get(f"webhook-{n}", "") for n in ("id", "timestamp", "signature"))
    if not (webhook_id and timestamp and signatures):
        raise WebhookVerificationError("the headers webhook-id, webhook-timestamp and webhook-signature must all be there")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 16):
        raise WebhookVerificationError("webhook-timestamp is not a whole number of seconds")
    age = int(time.time() if now is None else now) - int(timestamp)
    if abs(age) > tolerance:
        raise WebhookVerificationError(
            f"the webhook is {abs(age)} seconds {'old' if age > 0 else 'ahead'}; at most {tolerance} are accepted"
        )
    keys = [key for s in ([secret] if isinstance(secret, str) else secret) if (key := _key(s)) is not None]
    if not keys:
        raise WebhookVerificationError("no secret is usable: one is whsec_ and base64 of at least 24 bytes")
    signed = f"{webhook_id}.{timestamp}.".encode() + raw
    expected = [b"v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()) for key in keys]
    for signature in signatures.split(" "):
        if any(hmac.compare_digest(signature.encode(), e) for e in expected):
            return
    raise WebhookVerificationError("no signature fits: the body was changed, or it was signed with another secret")


def unwrap(
    body: bytes | str,
    headers: Mapping[str, str],
    secret: str | Sequence[str],
    *,
    tolerance: float = TOLERANCE,
    now: float | None = None,
) -> Event:
    """The event of a webhook that verify accepts."""
    verify(body, headers, secret, tolerance=tolerance, now=now)
    try:
        return Event.from_json(decode(body.encode() if isinstance(body, str) else body))
    except HumanDispatchError as exc:
        raise WebhookVerificationError(f"the webhook is genuine but its body is no event: {exc}") from exc


def _key(secret: str) -> bytes | None:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) >= _SHORTEST_SECRET else None
