# Written by scripts/generate_sync.py from ../_async. Not to be edited.
"""What happened, pushed and pulled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from .. import _webhook
from .._core import LONGEST_WAIT, given, path
from ..models import Delivery, Event, Replayed, SecretWebhook, TestedWebhook, Webhook
from ..params import Time
from .pages import Page, page_of
from .resource import Resource
from .transport import Transport


class Webhooks(Resource):
    """Endpoints of yours that events are posted to."""

    def __init__(self, transport: Transport, secret: str | Sequence[str]) -> None:
        super().__init__(transport)
        self._secret = secret

    def create(
        self,
        *,
        url: str,
        types: Sequence[str] | None = None,
        description: str | None = None,
        idempotency_key: str | None = None,
    ) -> SecretWebhook:
        """Registers an endpoint, for all types unless given. The answer holds its secret, shown here only."""
        body = given(url=url, types=types, description=description)
        return self._post(SecretWebhook, "/v1/webhooks", body, idempotency_key)

    def list(self, *, limit: int | None = None, starting_after: str | None = None) -> Page[Webhook]:
        """The account's endpoints, newest first."""
        return page_of(self._transport, Webhook, "/v1/webhooks", given(limit=limit, starting_after=starting_after))

    def get(self, webhook_id: str) -> Webhook:
        """An endpoint."""
        return self._get(Webhook, path("/v1/webhooks/{}", webhook_id))

    def update(
        self,
        webhook_id: str,
        *,
        url: str | None = None,
        types: Sequence[str] | None = None,
        description: str | None = None,
        enabled: bool | None = None,
    ) -> Webhook:
        """Changes what is given."""
        body = given(url=url, types=types, description=description, enabled=enabled)
        return Webhook.from_json(self._transport.call("PATCH", path("/v1/webhooks/{}", webhook_id), body=body))

    def delete(self, webhook_id: str) -> None:
        """Ends an endpoint and what is waiting for it."""
        self._transport.call("DELETE", path("/v1/webhooks/{}", webhook_id))

    def rotate_secret(self, webhook_id: str, *, idempotency_key: str | None = None) -> SecretWebhook:
        """A new secret. For a day deliveries are signed with both."""
        return self._post(SecretWebhook, path("/v1/webhooks/{}/rotate_secret", webhook_id), None, idempotency_key)

    def test(self, webhook_id: str, *, idempotency_key: str | None = None) -> TestedWebhook:
        """Sends an event of type webhook.test to the endpoint."""
        return self._post(TestedWebhook, path("/v1/webhooks/{}/test", webhook_id), None, idempotency_key)

    def list_deliveries(
        self, webhook_id: str, *, status: str | None = None, limit: int | None = None, starting_after: str | None = None
    ) -> Page[Delivery]:
        """The deliveries to an endpoint with each attempt, newest event first."""
        query = given(status=status, limit=limit, starting_after=starting_after)
        return page_of(self._transport, Delivery, path("/v1/webhooks/{}/deliveries", webhook_id), query)

    def replay(
        self,
        webhook_id: str,
        *,
        delivery_id: str | None = None,
        since: Time | None = None,
        until: Time | None = None,
        dry_run: bool = False,
        idempotency_key: str | None = None,
    ) -> Replayed:
        """Sends one delivery again, or what failed in a time range; dry_run only counts them."""
        body = given(delivery_id=delivery_id, since=since, until=until)
        query = {"dry_run": True} if dry_run else None
        return self._post(Replayed, path("/v1/webhooks/{}/replay", webhook_id), body, idempotency_key, query)

    def unwrap(
        self,
        body: bytes | str,
        headers: Mapping[str, str],
        secret: str | Sequence[str] | None = None,
        *,
        tolerance: float = _webhook.TOLERANCE,
        now: float | None = None,
    ) -> Event:
        """The event of a webhook you received, once its signature is verified.
        body is the raw body, byte by byte; secret the endpoint's, or several while
        it is rotated, and webhook_secret of the client unless given. Raises WebhookVerificationError."""
        secrets = self._secret if secret is None else secret
        return _webhook.unwrap(body, headers, secrets, tolerance=tolerance, now=now)


class Events(Resource):
    """The account's log of everything that happened, without gaps, in commit order."""

    def list(
        self,
        *,
        after: int | None = None,
        types: Sequence[str] | None = None,
        wait_seconds: int | None = None,
        limit: int | None = None,
    ) -> Page[Event]:
        """What happened after a sequence number, oldest first. With nothing new,
        wait_seconds (up to 60) waits for something."""
        query = given(after=after, types=types, wait_seconds=wait_seconds, limit=limit)
        return page_of(
            self._transport,
            Event,
            "/v1/events",
            query,
            cursor="after",
            id_of=lambda event: event.sequence,
            wait_seconds=wait_seconds or 0,
        )

    def get(self, event_id: str) -> Event:
        """One event."""
        return self._get(Event, path("/v1/events/{}", event_id))

    def stream(
        self, *, after: int = 0, types: Sequence[str] | None = None, wait_seconds: int = LONGEST_WAIT
    ) -> Iterator[Event]:
        """Every event after a sequence number and then each as it happens, for as
        long as you iterate. Keep the sequence of the last one to go on from there.
        wait_seconds, 1 to 60, is how long each request waits for something new."""
        if wait_seconds < 1:
            raise ValueError(f"wait_seconds is {wait_seconds}; expected 1 to 60, so that asking again is not all that happens")
        while True:
            page = self.list(after=after, types=types, wait_seconds=wait_seconds, limit=100)
            for event in page.data:
                after = event.sequence
                yield event
