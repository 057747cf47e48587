"""Verification by the vectors that every SDK shares, and of a webhook that was really sent."""

from __future__ import annotations

import json
import queue
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from humandispatch import HumanDispatch, WebhookVerificationError
from humandispatch._webhook import verify

VECTORS = json.loads(
    (Path(__file__).parents[3] / "dispatch" / "webhook" / "testdata" / "vectors.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["name"])
def test_vectors(vector: dict[str, Any]) -> None:
    def check() -> None:
        verify(
            vector["body"].encode(),
            vector["headers"],
            vector["secrets"],
            tolerance=VECTORS["tolerance"],
            now=vector["now"],
        )

    if vector["valid"]:
        check()
    else:
        with pytest.raises(WebhookVerificationError):
            check()


def test_unwrap_reads_the_event() -> None:
    vector = VECTORS["vectors"][0]
    headers = {name.title(): value for name, value in vector["headers"].items()}
    hd = HumanDispatch("", base_url="http://x", webhook_secret=vector["secrets"])
    event = hd.webhooks.unwrap(vector["body"], headers, now=vector["now"])
    assert (event.type, event.sequence) == ("qa.completed", 7)
    assert event.data.object["note"] == "Café – 100 % <ok>"
    empty = next(v for v in VECTORS["vectors"] if v["name"] == "empty body")
    with pytest.raises(WebhookVerificationError, match="is no event"):
        hd.webhooks.unwrap(empty["body"], empty["headers"], now=empty["now"])
    hd.close()


def test_a_webhook_that_was_really_sent(hd: HumanDispatch) -> None:
    received: queue.Queue[tuple[bytes, dict[str, str]]] = queue.Queue()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.put((body, dict(self.headers.items())))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Receiver) as receiver:
        thread = threading.Thread(target=receiver.serve_forever)
        thread.start()
        try:
            webhook = hd.webhooks.create(
                url=f"http://127.0.0.1:{receiver.server_address[1]}/hooks", types=["task.created"], description="mine"
            )
            tested = hd.webhooks.test(webhook.id)
            body, headers = received.get(timeout=60)
            event = hd.webhooks.unwrap(body, headers, webhook.secret)
            assert (event.id, event.type) == (tested.event.id, "webhook.test")
            rotated = hd.webhooks.rotate_secret(webhook.id)
            assert rotated.secret != webhook.secret
            hd.webhooks.replay(webhook.id, delivery_id=tested.delivery.id)
            body, headers = received.get(timeout=60)
            for secret in (webhook.secret, rotated.secret):  # for a day both sign
                assert hd.webhooks.unwrap(body, headers, secret).id == event.id
            with pytest.raises(WebhookVerificationError):
                hd.webhooks.unwrap(body + b" ", headers, rotated.secret)
        finally:
            receiver.shutdown()
            thread.join()
    assert webhook.id in [listed.id for listed in hd.webhooks.list()]
    assert hd.webhooks.update(webhook.id, enabled=False, description="still mine").enabled is False
    assert hd.webhooks.get(webhook.id).description == "still mine"
    [delivery] = hd.webhooks.list_deliveries(webhook.id)
    assert delivery.event_id == event.id
    hd.webhooks.delete(webhook.id)
    assert webhook.id not in [listed.id for listed in hd.webhooks.list()]
