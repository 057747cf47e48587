"""Writes the sync client from the async one.

    python scripts/generate_sync.py

A test compares what is committed with what this would write.
"""

from __future__ import annotations

import re
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "src" / "humandispatch"

# Written by hand for each side.
BY_HAND = {"__init__.py", "pages.py"}

RULES = [
    (r"\bAsyncIterator\b", "Iterator"),
    (r"\bAsyncPager\b", "Page"),
    (r"\bimport asyncio\b", "import time"),
    (r"\basyncio\.sleep\b", "time.sleep"),
    (r"\baclose\b", "close"),
    (r"\b__aenter__\b", "__enter__"),
    (r"\b__aexit__\b", "__exit__"),
    (r"\basync (def|for|with)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\bhttpx\.AsyncClient\b", "httpx.Client"),
    (r"\bAsync([A-Z]\w+)", r"\1"),
]


def sync(source: str) -> str:
    """The sync form of an async module."""
    for pattern, replacement in RULES:
        source = re.sub(pattern, replacement, source)
    first, rest = source.split("\n", 1)
    return f"# Written by scripts/generate_sync.py from ../_async. Not to be edited.\n{first}\n{rest}"


def modules() -> dict[Path, str]:
    """What each generated module must hold."""
    return {
        PACKAGE / "_sync" / source.name: sync(source.read_text())
        for source in sorted((PACKAGE / "_async").glob("*.py"))
        if source.name not in BY_HAND
    }


if __name__ == "__main__":
    for target, text in modules().items():
        target.write_text(text)
