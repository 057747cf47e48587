"""A running server, a proxy before it that can lose answers, and clients of both."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest
from losing_proxy import LosingProxy

from humandispatch import AsyncHumanDispatch, HumanDispatch

ROOT = Path(__file__).parents[3]
VENV = Path(sys.prefix)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write models.py and params.py anew from the server")


@dataclass(frozen=True)
class Server:
    url: str  #: through the proxy, which is also what it signs uploads for
    key: str
    proxy: LosingProxy


@pytest.fixture(scope="session")
def binary() -> Path:
    given = os.environ.get("HUMANDISPATCH_BIN")
    if given:
        return Path(given).resolve()
    target = VENV / "humandispatch"
    subprocess.run(
        ["go", "build", "-o", str(target), "./cmd/humandispatch"],
        cwd=ROOT,
        env={**os.environ, "CGO_ENABLED": "0"},
        check=True,
    )
    return target


@pytest.fixture(scope="session")
def server(binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The whole program with a Postgres of its own, stopped at the end."""
    with LosingProxy() as proxy:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HUMANDISPATCH_")}
        environment |= {
            "HUMANDISPATCH_DEV_DIR": str(tmp_path_factory.mktemp("server")),
            "HUMANDISPATCH_PUBLIC_URL": proxy.url,
            "HUMANDISPATCH_REQUESTS_PER_MINUTE": "100000",
            "HUMANDISPATCH_MONEY_REQUESTS_PER_MINUTE": "100000",
            "HUMANDISPATCH_WEBHOOKS_LOOPBACK": "true",
            "HUMANDISPATCH_LOG_LEVEL": "error",
        }
        process = subprocess.Popen(
            [str(binary), "dev", "--listen", "127.0.0.1:0"], env=environment, stdout=subprocess.PIPE, text=True
        )
        try:
            assert process.stdout is not None
            said = ""
            while not (key := re.search(r"sk_test_[\w-]+", said)):
                line = process.stdout.readline()
                assert line, f"the server ended at once: {said}"
                said += line
            address = re.search(r"https?://127\.0\.0\.1:(\d+)", said.replace(proxy.url, ""))
            assert address, f"the server did not say its address: {said}"
            proxy.upstream = ("127.0.0.1", int(address.group(1)))
            yield Server(url=proxy.url, key=key.group(), proxy=proxy)
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)


@pytest.fixture
def hd(server: Server) -> Iterator[HumanDispatch]:
    with HumanDispatch(server.key, base_url=server.url, retry_delay=0.001) as client:
        yield client


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def ahd(server: Server, anyio_backend: str) -> AsyncIterator[AsyncHumanDispatch]:
    async with AsyncHumanDispatch(server.key, base_url=server.url, retry_delay=0.001) as client:
        yield client


@pytest.fixture(scope="session")
def document(server: Server) -> bytes:
    """The server's OpenAPI document."""
    with urlopen(f"{server.url}/openapi.json") as answer:
        content: bytes = answer.read()
        return content
