# Written by scripts/generate_sync.py from ../_async. Not to be edited.
"""What all resources share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from .._model import Model
from .transport import Transport

M = TypeVar("M", bound=Model)


class Resource:
    """Operations on one kind of object."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def _get(
        self, kind: type[M], path: str, query: Mapping[str, Any] | None = None, *, wait_seconds: float = 0
    ) -> M:
        return kind.from_json(self._transport.call("GET", path, query=query, wait_seconds=wait_seconds))

    def _post(
        self,
        kind: type[M],
        path: str,
        body: Mapping[str, Any] | None,
        idempotency_key: str | None,
        query: Mapping[str, Any] | None = None,
    ) -> M:
        answer = self._transport.call("POST", path, query=query, body=body, idempotency_key=idempotency_key)
        return kind.from_json(answer)
