"""Sending requests, and sending them again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import httpx

from .._core import Options, body_of, failure, headers_of, timeout_of, url_of, wait_before_retry
from .._model import decode
from ..errors import APIConnectionError, HumanDispatchError, error_of


class AsyncTransport:
    """Speaks to one server as one caller."""

    def __init__(self, http: httpx.AsyncClient, options: Options) -> None:
        self.http = http
        self.options = options

    def with_options(self, **changes: Any) -> AsyncTransport:
        return AsyncTransport(self.http, replace(self.options, **changes))

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        idempotency_key: str | None = None,
        wait_seconds: float = 0,
    ) -> Any:
        """Sends one operation and returns the JSON it answers, None when there is none."""
        url = url_of(self.options, path, query)
        headers = headers_of(self.options, method, body, idempotency_key)
        content = body_of(body)

        def build() -> httpx.Request:
            timeout = timeout_of(self.options, wait_seconds)
            return self.http.build_request(method, url, headers=headers, content=content, timeout=timeout)

        answer = await self.send(build)
        return decode(answer) if answer else None

    async def send(self, build: Callable[[], httpx.Request]) -> bytes:
        """Tries a request, built anew for each try, until it is answered for good."""
        tries = 0
        unanswered = False
        while True:
            tries += 1
            request = build()
            error: HumanDispatchError
            try:
                response = await self.http.send(request)
                if response.is_success:
                    return response.content
                error = error_of(response.status_code, response.headers, response.content)
                if response.status_code == 404 and request.method == "DELETE" and unanswered:
                    return b""  # an earlier try arrived; its answer did not
            except httpx.RequestError as exc:
                error = failure(request, exc)
                error.__cause__ = exc
            unanswered = unanswered or isinstance(error, APIConnectionError)
            wait = wait_before_retry(self.options, tries, error)
            if wait is None:
                raise error
            await asyncio.sleep(wait)
