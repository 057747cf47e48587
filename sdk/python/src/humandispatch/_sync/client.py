# Written by scripts/generate_sync.py from ../_async. Not to be edited.
"""The client."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

import httpx

from .._core import options
from .._model import plain
from .bookings import Bookings
from .files import Files
from .money import Money, Sandbox
from .quotes import QuoteRequests, Quotes
from .talent import TalentResource
from .tasks import Reviews, Tasks, Templates
from .transport import Transport
from .webhooks import Events, Webhooks
from .work_orders import Disputes, WorkOrders


class HumanDispatch:
    """The HumanDispatch API as one caller.

    api_key: ``sk_live_…``, ``sk_test_…`` or a talent's ``tk_…``; HUMANDISPATCH_API_KEY
        unless given. With an empty one only the public operations can be reached.
    base_url: HUMANDISPATCH_API_URL unless given, and the hosted API without either.
    webhook_secret: ``whsec_…`` of your endpoint, for ``webhooks.unwrap``;
        HUMANDISPATCH_WEBHOOK_SECRET unless given. Several while it is rotated.
    timeout: seconds without progress until one try is given up.
    max_retries: how often a request is tried again when nothing, 429, 502, 503 or
        504 came back. Every POST carries one Idempotency-Key through all its tries.
    retry_delay: seconds before the first retry, doubled for each further one.
    max_retry_delay: the longest wait in seconds before a retry. A longer
        Retry-After is raised at once as the error it came with.
    http_client: sends the requests, with proxies, certificates and limits of yours.
        You close it.
    """

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        webhook_secret: str | Sequence[str] | None = None,
        timeout: float = 60,
        max_retries: int = 2,
        retry_delay: float = 0.5,
        max_retry_delay: float = 60,
        http_client: httpx.Client | None = None,
    ) -> None:
        secret = os.environ.get("HUMANDISPATCH_WEBHOOK_SECRET", "") if webhook_secret is None else webhook_secret
        settings = options(api_key, base_url, timeout, max_retries, retry_delay, max_retry_delay)
        http = http_client or httpx.Client()
        self._owned = None if http_client else http
        self._use(Transport(http, settings), secret)

    def _use(self, transport: Transport, webhook_secret: str | Sequence[str]) -> None:
        self._transport = transport
        self._webhook_secret = webhook_secret
        self.templates = Templates(transport)
        self.tasks = Tasks(transport)
        self.quotes = Quotes(transport)
        self.quote_requests = QuoteRequests(transport)
        self.bookings = Bookings(transport)
        self.work_orders = WorkOrders(transport)
        self.disputes = Disputes(transport)
        self.talent = TalentResource(transport)
        self.files = Files(transport)
        self.webhooks = Webhooks(transport, webhook_secret)
        self.events = Events(transport)
        self.money = Money(transport)
        self.sandbox = Sandbox(transport)
        self.reviews = Reviews(transport)

    def with_options(
        self, *, api_key: str | None = None, timeout: float | None = None, max_retries: int | None = None
    ) -> HumanDispatch:
        """The same server over the same connections as somebody else, such as a
        talent, or with other patience. Closing the client it came from ends it, too."""
        changes = {"api_key": api_key, "timeout": timeout, "max_retries": max_retries}
        other = object.__new__(type(self))
        other._owned = None
        other._use(
            self._transport.with_options(**{name: value for name, value in changes.items() if value is not None}),
            self._webhook_secret,
        )
        return other

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        idempotency_key: str | None = None,
    ) -> Any:
        """Calls any operation, such as ``"GET", "/v1/tasks"``, and returns the JSON it answers."""
        answer = self._transport.call(method, path, query=query, body=body, idempotency_key=idempotency_key)
        return plain(answer)

    def close(self) -> None:
        """Closes the connections, unless they are those of an http_client of yours."""
        if self._owned is not None:
            self._owned.close()

    def __enter__(self) -> HumanDispatch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
