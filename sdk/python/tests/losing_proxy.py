"""An HTTP proxy before a server that can lose its answers."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType


@dataclass
class Seen:
    method: str
    path: str
    key: str  #: Idempotency-Key
    lost: bool


class LosingProxy:
    """Passes every request on. The answers to the next that lose_next names do
    not come back: the server did what it was asked, and nobody hears of it."""

    def __init__(self) -> None:
        self.upstream = ("127.0.0.1", 0)
        self.seen: list[Seen] = []
        self._lock = threading.Lock()
        self._losing: list[tuple[str, str, str]] = []
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                proxy._handle(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def lose_next(self, method: str, path_end: str, *, times: int = 1, how: str = "close") -> None:
        """Loses answers: "close" ends the connection before a byte, "cut" in the middle."""
        with self._lock:
            self._losing += [(method, path_end, how)] * times

    def take_seen(self, wanted: Callable[[Seen], bool]) -> list[Seen]:
        """What was seen so far."""
        with self._lock:
            return [seen for seen in self.seen if wanted(seen)]

    def _loss(self, method: str, path: str) -> str:
        for rule in self._losing:
            if rule[0] == method and path.split("?")[0].endswith(rule[1]):
                self._losing.remove(rule)
                return rule[2]
        return ""

    def _handle(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length", "0")))
        upstream = http.client.HTTPConnection(*self.upstream, timeout=90)
        try:
            headers = {name: value for name, value in request.headers.items() if name.lower() != "connection"}
            upstream.request(request.command, request.path, body, headers)
            answer = upstream.getresponse()
            content = answer.read()
        finally:
            upstream.close()
        with self._lock:
            how = self._loss(request.command, request.path)
            key = request.headers.get("Idempotency-Key", "")
            self.seen.append(Seen(request.command, request.path.split("?")[0], key, lost=bool(how)))
        if how == "close":
            request.close_connection = True
            return
        request.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                request.send_header(name, value)
        if answer.status != 204:
            request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        if how == "cut":
            request.wfile.write(content[: len(content) // 2])
            request.close_connection = True
            return
        request.wfile.write(content)

    def __enter__(self) -> LosingProxy:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
