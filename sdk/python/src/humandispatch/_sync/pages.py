"""Lists, page by page. Unlike the rest of this folder it is not generated: a
page that is fetched at once has no awaitable before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from .._model import Model, read_page
from .transport import Transport

T = TypeVar("T", bound=Model)


class Page(Generic[T]):
    """One page of a list. Iterating over it goes on through all that follow."""

    def __init__(self, data: list[T], has_more: bool, following: Callable[[T], Page[T]]) -> None:
        self._following = following
        self.data = data
        self.has_more = has_more  #: whether another page follows

    def next_page(self) -> Page[T] | None:
        """The page after this one, None after the last."""
        return self._following(self.data[-1]) if self.has_more and self.data else None

    def __iter__(self) -> Iterator[T]:
        page: Page[T] | None = self
        while page is not None:
            yield from page.data
            page = page.next_page()


def page_of(
    transport: Transport,
    kind: type[T],
    path: str,
    query: dict[str, Any],
    *,
    key: str = "data",
    cursor: str = "starting_after",
    id_of: Callable[[T], Any] = lambda item: getattr(item, "id"),
    wait_seconds: float = 0,
) -> Page[T]:
    """Fetches the first page of a list, or the one after query's cursor."""

    def following(last: T) -> Page[T]:
        rest = {**query, cursor: id_of(last)}
        return page_of(transport, kind, path, rest, key=key, cursor=cursor, id_of=id_of, wait_seconds=wait_seconds)

    answer = transport.call("GET", path, query=query, wait_seconds=wait_seconds)
    return Page(*read_page(kind, key, answer), following)
