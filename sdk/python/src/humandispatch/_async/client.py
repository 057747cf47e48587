"""The client."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

import httpx

from .._core import options
from .._model import plain
from .bookings import AsyncBookings
from .files import AsyncFiles
from .money import AsyncMoney, AsyncSandbox
from .quotes import AsyncQuoteRequests, AsyncQuotes
from .talent import AsyncTalentResource
from .tasks import AsyncReviews, AsyncTasks, AsyncTemplates
from .transport import AsyncTransport
from .webhooks import AsyncEvents, AsyncWebhooks
from .work_orders import AsyncDisputes, AsyncWorkOrders


class AsyncHumanDispatch:
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
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        secret = os.environ.get("HUMANDISPATCH_WEBHOOK_SECRET", "") if webhook_secret is None else webhook_secret
        settings = options(api_key, base_url, timeout, max_retries, retry_delay, max_retry_delay)
        http = http_client or httpx.AsyncClient()
        self._owned = None if http_client else http
        self._use(AsyncTransport(http, settings), secret)

    def _use(self, transport: AsyncTransport, webhook_secret: str | Sequence[str]) -> None:
        self._transport = transport
        self._webhook_secret = webhook_secret
        self.templates = AsyncTemplates(transport)
        self.tasks = AsyncTasks(transport)
        self.quotes = AsyncQuotes(transport)
        self.quote_requests = AsyncQuoteRequests(transport)
        self.bookings = AsyncBookings(transport)
        self.work_orders = AsyncWorkOrders(transport)
        self.disputes = AsyncDisputes(transport)
        self.talent = AsyncTalentResource(transport)
        self.files = AsyncFiles(transport)
        self.webhooks = AsyncWebhooks(transport, webhook_secret)
        self.events = AsyncEvents(transport)
        self.money = AsyncMoney(transport)
        self.sandbox = AsyncSandbox(transport)
        self.reviews = AsyncReviews(transport)

    def with_options(
        self, *, api_key: str | None = None, timeout: float | None = None, max_retries: int | None = None
    ) -> AsyncHumanDispatch:
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

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        idempotency_key: str | None = None,
    ) -> Any:
        """Calls any operation, such as ``"GET", "/v1/tasks"``, and returns the JSON it answers."""
        answer = await self._transport.call(method, path, query=query, body=body, idempotency_key=idempotency_key)
        return plain(answer)

    async def aclose(self) -> None:
        """Closes the connections, unless they are those of an http_client of yours."""
        if self._owned is not None:
            await self._owned.aclose()

    async def __aenter__(self) -> AsyncHumanDispatch:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
