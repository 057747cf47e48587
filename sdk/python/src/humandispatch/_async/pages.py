"""Lists, page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Generator
from typing import Any, Generic, TypeVar

from .._model import Model, read_page
from .transport import AsyncTransport

T = TypeVar("T", bound=Model)


class AsyncPage(Generic[T]):
    """One page of a list. ``async for`` over it goes on through all that follow."""

    def __init__(self, data: list[T], has_more: bool, following: Callable[[T], AsyncPager[T]]) -> None:
        self._following = following
        self.data = data
        self.has_more = has_more  #: whether another page follows

    async def next_page(self) -> AsyncPage[T] | None:
        """The page after this one, None after the last."""
        return await self._following(self.data[-1]) if self.has_more and self.data else None

    async def __aiter__(self) -> AsyncIterator[T]:
        page: AsyncPage[T] | None = self
        while page is not None:
            for item in page.data:
                yield item
            page = await page.next_page()


class AsyncPager(Generic[T]):
    """A list that is fetched when it is used: ``await`` it for its first page,
    or go through all of it with ``async for``."""

    def __init__(
        self,
        transport: AsyncTransport,
        kind: type[T],
        path: str,
        query: dict[str, Any],
        *,
        key: str = "data",
        cursor: str = "starting_after",
        id_of: Callable[[T], Any] = lambda item: getattr(item, "id"),
        wait_seconds: float = 0,
    ) -> None:
        async def fetch() -> AsyncPage[T]:
            answer = await transport.call("GET", path, query=query, wait_seconds=wait_seconds)
            return AsyncPage(*read_page(kind, key, answer), following)

        def following(last: T) -> AsyncPager[T]:
            rest = {**query, cursor: id_of(last)}
            return AsyncPager(transport, kind, path, rest, key=key, cursor=cursor, id_of=id_of, wait_seconds=wait_seconds)

        self._fetch = fetch

    def __await__(self) -> Generator[Any, None, AsyncPage[T]]:
        return self._fetch().__await__()

    async def __aiter__(self) -> AsyncIterator[T]:
        async for item in await self._fetch():
            yield item


page_of = AsyncPager
