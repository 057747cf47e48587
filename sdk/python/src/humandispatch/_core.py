"""What the sync and the async client decide alike: how a request looks, what
may be tried again and when. It does no input or output."""

from __future__ import annotations

import os
import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from ._model import encode, time_text
from ._version import __version__
from .errors import APIConnectionError, APIError, APITimeoutError, HumanDispatchError

DEFAULT_BASE_URL = "https://api.humandispatch.io"

#: Seconds to ask the server to wait at once. It offers 60; what lies between often
#: ends a silent connection then.
LONGEST_WAIT = 50


@dataclass(frozen=True, kw_only=True)
class Options:
    base_url: str
    api_key: str
    timeout: float
    max_retries: int
    retry_delay: float
    max_retry_delay: float


def options(
    api_key: str | None, base_url: str | None, timeout: float, max_retries: int, retry_delay: float, max_retry_delay: float
) -> Options:
    url = base_url or os.environ.get("HUMANDISPATCH_API_URL") or DEFAULT_BASE_URL
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"base_url is {url!r}; expected an address such as {DEFAULT_BASE_URL}")
    return Options(
        base_url=url.rstrip("/"),
        api_key=os.environ.get("HUMANDISPATCH_API_KEY", "") if api_key is None else api_key,
        timeout=timeout,
        max_retries=max_retries,
        retry_delay=retry_delay,
        max_retry_delay=max_retry_delay,
    )


def path(template: str, *ids: str) -> str:
    """Fills ids into a path, escaped."""
    for id in ids:
        if not isinstance(id, str) or id in ("", ".", ".."):
            raise ValueError(f"{id!r} is not an id (in {template})")
    return template.format(*(quote(id, safe="") for id in ids))


def given(**fields: Any) -> dict[str, Any]:
    """The arguments that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


def url_of(o: Options, path: str, query: Mapping[str, Any] | None) -> str:
    values = {name: _query_text(value) for name, value in (query or {}).items() if value is not None}
    return o.base_url + path + ("?" + urlencode(values) if values else "")


def _query_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return ",".join(str(item) for item in value)
    return str(value)


def headers_of(o: Options, method: str, body: Any, idempotency_key: str | None) -> dict[str, str]:
    headers = {"Accept": "application/json", "User-Agent": f"humandispatch-python/{__version__}"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    if o.api_key:
        headers["Authorization"] = f"Bearer {o.api_key}"
    if method == "POST":  # the same in every try, so that what was done once is not done again
        headers["Idempotency-Key"] = idempotency_key or str(uuid.uuid4())
    return headers


def body_of(body: Any) -> bytes | None:
    return None if body is None else encode(body).encode()


def timeout_of(o: Options, wait_seconds: float) -> httpx.Timeout:
    """A request that asks the server to wait may take that much longer."""
    return httpx.Timeout(o.timeout, read=o.timeout + wait_seconds)


def failure(request: httpx.Request, exc: httpx.RequestError) -> APIConnectionError:
    """The error of a request that got no answer. It names no query: that of an upload is a permission."""
    what = f"{request.method} {request.url.path}: {str(exc) or type(exc).__name__}"
    return APITimeoutError(what) if isinstance(exc, httpx.TimeoutException) else APIConnectionError(what)


def wait_before_retry(o: Options, tries: int, error: HumanDispatchError) -> float | None:
    """Seconds to wait before the next try, None when there is none. GET, PUT of
    the same content and POST under one key can all be repeated."""
    if tries > o.max_retries:
        return None
    wait = o.retry_delay * 2.0 ** (tries - 1)
    # Up to half of it is taken off, so that callers who failed together do not return together.
    wait -= random.random() * wait / 2
    if isinstance(error, APIError):
        if error.status not in (429, 502, 503, 504):
            return None
        if error.retry_after is not None:
            wait = max(error.retry_after, wait)
    return wait if wait <= o.max_retry_delay else None
