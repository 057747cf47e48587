"""What is tried again, how often and with which key; against answers that are made up."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from datetime import datetime, timezone
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

import humandispatch
from humandispatch import APIConnectionError, APIError, APITimeoutError, HumanDispatch, HumanDispatchError
from humandispatch import AsyncHumanDispatch, NotFoundError, RateLimitedError, UnavailableError
from humandispatch._core import Options, wait_before_retry

Answer = Callable[[httpx.Request], httpx.Response]

BALANCES = {"balances": [{"currency": "CAD", "available": 10.25, "in_escrow": 0}]}


class Server:
    """Answers each request with the next of its answers, the last one for all that follow."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.bodies: list[bytes] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.bodies.append(request.read())
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self, **options: Any) -> HumanDispatch:
        http = httpx.Client(transport=httpx.MockTransport(self))
        return HumanDispatch("sk_test_x", base_url="http://api.test/", http_client=http, **{"retry_delay": 0, **options})


def refusal(status: int, code: str, headers: dict[str, str] | None = None, **details: Any) -> httpx.Response:
    error = {"http_status": status, "code": code, "message": "m", "details": details, "request_id": "req_1"}
    return httpx.Response(status, json={"error": error}, headers=headers)


def test_a_request_is_tried_three_times_under_one_key() -> None:
    server = Server(httpx.ReadError("gone"), httpx.Response(502, text="bad gateway"), httpx.Response(201, json={"transfer_id": "t", **BALANCES}))
    answer = server.client().sandbox.fund(amount=Decimal("10.25"), currency="CAD")
    assert answer.balances[0].available == Decimal("10.25")
    assert len(server.requests) == 3
    assert len({request.headers["idempotency-key"] for request in server.requests}) == 1
    assert set(server.bodies) == {b'{"amount":10.25,"currency":"CAD"}'}
    assert server.requests[0].headers["authorization"] == "Bearer sk_test_x"
    assert server.requests[0].headers["user-agent"] == f"humandispatch-python/{humandispatch.__version__}"


def test_keys_differ_between_calls_and_can_be_given() -> None:
    server = Server(httpx.Response(201, json={"transfer_id": "t", **BALANCES}))
    hd = server.client()
    hd.sandbox.fund(amount=1, currency="CAD")
    hd.sandbox.fund(amount=1, currency="CAD")
    hd.sandbox.fund(amount=1, currency="CAD", idempotency_key="mine")
    keys = [request.headers["idempotency-key"] for request in server.requests]
    assert len(set(keys)) == 3 and keys[2] == "mine"


@pytest.mark.parametrize("status", [400, 402, 403, 404, 409, 500, 301])
def test_what_would_fail_again_is_not_tried_again(status: int) -> None:
    server = Server(httpx.Response(status))
    with pytest.raises(APIError) as caught:
        server.client().money.balance()
    assert (caught.value.status, caught.value.code) == (status, f"HTTP_{status}")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refusal(429, "RATE_LIMITED", {"retry-after": "0"}), RateLimitedError),
        (refusal(503, "UNAVAILABLE"), UnavailableError),
        (httpx.ConnectError("refused"), APIConnectionError),
        (httpx.ReadTimeout("slow"), APITimeoutError),
    ],
)
def test_retries_end(answer: httpx.Response | Exception, kind: type[Exception]) -> None:
    server = Server(answer)
    with pytest.raises(kind):
        server.client().money.balance()
    assert len(server.requests) == 3
    with pytest.raises(kind):
        server.client(max_retries=0).money.balance()
    assert len(server.requests) == 4


def test_waits_double_with_jitter_and_heed_retry_after() -> None:
    o = Options(base_url="", api_key="", timeout=1, max_retries=3, retry_delay=0.5, max_retry_delay=60)
    for tries, least, most in [(1, 0.25, 0.5), (2, 0.5, 1), (3, 1, 2)]:
        waits = {wait_before_retry(o, tries, APIConnectionError("gone")) for _ in range(50)}
        assert len(waits) > 1
        assert all(wait is not None and least <= wait <= most for wait in waits)
    assert wait_before_retry(o, 4, APIConnectionError("gone")) is None
    asked = APIError(status=429, code="RATE_LIMITED", message="", retry_after=7)
    assert wait_before_retry(o, 1, asked) == 7
    too_long = APIError(status=429, code="RATE_LIMITED", message="", retry_after=61)
    assert wait_before_retry(o, 1, too_long) is None


def test_retry_after_is_seconds_or_a_date() -> None:
    for header, expected in [("7", 7.0), (format_datetime(datetime(2020, 1, 1, tzinfo=timezone.utc), usegmt=True), 0.0), ("soon", None), ("-1", None)]:
        server = Server(refusal(429, "RATE_LIMITED", {"retry-after": header}))
        with pytest.raises(RateLimitedError) as caught:
            server.client(max_retries=0).money.balance()
        assert caught.value.retry_after == expected


def test_an_error_says_what_was_wrong() -> None:
    problem = {"path": "budget.max_total", "found": "-1", "expected": "over 0", "fix": "Set a budget."}
    server = Server(refusal(400, "SCHEMA_VALIDATION_FAILED", errors=[problem, "else"]))
    with pytest.raises(humandispatch.SchemaValidationError) as caught:
        server.client().bookings.create("quo_1")
    assert caught.value.request_id == "req_1"
    assert caught.value.problems == [humandispatch.Problem("budget.max_total", "-1", "over 0", "Set a budget.")]
    assert str(caught.value) == "SCHEMA_VALIDATION_FAILED: m; budget.max_total: found -1, expected over 0: Set a budget. (req_1)"
    strange = Server(refusal(409, "A_NEW_CODE"))
    with pytest.raises(APIError) as unknown:
        strange.client().money.balance()
    assert unknown.value.code == "A_NEW_CODE"


def test_a_deleted_object_stays_deleted_when_the_answer_is_lost() -> None:
    server = Server(httpx.ReadError("gone"), refusal(404, "NOT_FOUND"))
    server.client().webhooks.delete("we_1")
    with pytest.raises(NotFoundError):
        Server(refusal(404, "NOT_FOUND")).client().webhooks.delete("we_1")


def test_a_list_goes_on_through_all_pages() -> None:
    def entry(id: str) -> dict[str, Any]:
        return {
            "id": id,
            "transfer_id": "t",
            "kind": "k",
            "account": "a",
            "owner": "o",
            "amount": 1,
            "currency": "CAD",
            "booking_id": None,
            "created_at": "2026-04-22T10:00:00.123456789Z",
        }

    server = Server(
        httpx.Response(200, json={"data": [entry("a"), entry("b")], "has_more": True}),
        httpx.Response(200, json={"data": [entry("c")], "has_more": False}),
    )
    entries = list(server.client().money.list_entries(limit=2))
    assert [e.id for e in entries] == ["a", "b", "c"]
    assert entries[0].created_at == datetime(2026, 4, 22, 10, 0, 0, 123456, tzinfo=timezone.utc)
    assert [dict(request.url.params) for request in server.requests] == [{"limit": "2"}, {"limit": "2", "starting_after": "b"}]


def test_a_wait_on_the_server_is_given_the_time_it_needs() -> None:
    server = Server(httpx.Response(200, json={"data": [], "has_more": False}))
    server.client(timeout=5).events.list(wait_seconds=50)
    assert server.requests[0].extensions["timeout"] == {"connect": 5, "read": 55, "write": 5, "pool": 5}


def test_a_server_that_says_nothing_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with HumanDispatch("k", base_url=url, timeout=0.05, max_retries=1, retry_delay=0) as hd:
            with pytest.raises(APITimeoutError, match="GET /v1/balance"):
                hd.money.balance()


def a_run(status: str) -> httpx.Response:
    qa = {
        "id": "qar_1",
        "run_id": "qar_1",
        "work_order_id": "wo_1",
        "revision": 1,
        "status": status,
        "overallPass": status == "completed",
        "summary": "",
        "checks": [],
        "files_done": 0,
        "files_total": 0,
        "requested_by": "submission",
        "engine_version": None,
        "template_version": "1",
        "created_at": "2026-04-22T10:00:00Z",
        "started_at": None,
        "completed_at": None,
        "next_actions": [],
    }
    return httpx.Response(200, json={"qa": qa})


def test_waiting_for_qa_asks_until_it_is_completed() -> None:
    server = Server(a_run("pending"), a_run("running"), a_run("completed"))
    assert server.client().work_orders.wait_for_qa("wo_1").qa.overall_pass is True
    assert [request.url.params["wait_seconds"] for request in server.requests] == ["50"] * 3
    with pytest.raises(APITimeoutError, match="wo_1 is still running"):
        Server(a_run("running")).client().work_orders.wait_for_qa("wo_1", timeout=0)


def test_new_fields_and_missing_ones() -> None:
    server = Server(httpx.Response(200, json={"balances": [{**BALANCES["balances"][0], "new": 1.5}], "more": True}))
    balances = server.client().money.balance()
    assert balances.raw["more"] is True
    assert balances.balances[0].raw["new"] == 1.5
    wrong: list[Any] = [{"balances": [{"currency": "CAD"}]}, {"balances": "none"}, {}, []]
    for answer in wrong:
        with pytest.raises(HumanDispatchError, match="not what was expected"):
            Server(httpx.Response(200, json=answer)).client().money.balance()
    with pytest.raises(HumanDispatchError, match="no JSON"):
        Server(httpx.Response(200, text="<html>")).client().money.balance()


def test_wrong_arguments_are_refused_before_anything_is_sent() -> None:
    server = Server(httpx.Response(200, json={}))
    hd = server.client()
    for call in (
        lambda: hd.tasks.get(""),
        lambda: hd.tasks.get(".."),
        lambda: hd.bookings.checkin("b", lat=1, lng=2, accuracy_m=3, captured_at=datetime(2026, 1, 1)),
        lambda: hd.sandbox.fund(amount=Decimal("NaN"), currency="CAD"),
        lambda: hd.sandbox.fund(amount=float("inf"), currency="CAD"),
        lambda: hd.files.upload(b"x"),
        lambda: next(iter(hd.events.stream(wait_seconds=0))),
        lambda: HumanDispatch("k", base_url="api.test"),
    ):
        with pytest.raises(ValueError):
            call()
    assert server.requests == []


def test_ids_are_escaped() -> None:
    server = Server(refusal(404, "NOT_FOUND"))
    with pytest.raises(NotFoundError):
        server.client().tasks.get("a/b?c")
    assert server.requests[0].url.raw_path == b"/v1/tasks/a%2Fb%3Fc"


PRESIGNED = {
    "file_id": "file_1",
    "method": "PUT",
    "upload_url": "http://files.test/put?signature=secret",
    "headers": {"Content-Type": "image/jpeg"},
    "expires_at": "2026-04-22T10:00:00Z",
}


def test_an_upload_is_sent_again_from_its_beginning() -> None:
    content = bytes(range(256)) * 600
    server = Server(httpx.Response(201, json=PRESIGNED), httpx.WriteError("gone"), httpx.Response(200))
    progress: list[tuple[int, int]] = []
    uploaded = server.client().files.upload(content, filename="a.jpg", on_progress=lambda *p: progress.append(p))
    assert (uploaded.file_id, uploaded.bytes) == ("file_1", len(content))
    assert server.bodies[1:] == [content, content]
    assert [p for p in progress if p[0] == len(content)] == [(len(content), len(content))] * 2
    for put in server.requests[1:]:
        assert "authorization" not in put.headers
        assert put.headers["content-length"] == str(len(content))
        assert put.headers["content-type"] == "image/jpeg"


def test_a_failed_upload_does_not_tell_its_url() -> None:
    server = Server(httpx.Response(201, json=PRESIGNED), httpx.ConnectError("refused"))
    with pytest.raises(APIConnectionError) as caught:
        server.client().files.upload(b"x", filename="a.jpg")
    assert "secret" not in str(caught.value)


def test_an_upload_that_a_store_has_already_is_well() -> None:
    content = b"content"
    stored = {
        "id": "file_1",
        "name": "a.jpg",
        "content_type": "image/jpeg",
        "bytes": len(content),
        "status": "uploaded",
        "sha256": "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73",
        "download_url": None,
        "upload_expires_at": "2026-04-22T10:00:00Z",
        "uploaded_at": None,
        "created_at": "2026-04-22T10:00:00Z",
        "untrusted": ["name"],
    }
    answers = [httpx.Response(201, json=PRESIGNED), httpx.Response(412)]
    uploaded = Server(*answers, httpx.Response(200, json=stored)).client().files.upload(content, filename="a.jpg")
    assert uploaded.sha256 == stored["sha256"]
    answers = [httpx.Response(201, json=PRESIGNED), httpx.Response(412)]
    with pytest.raises(APIError):
        Server(*answers, httpx.Response(200, json={**stored, "sha256": "else"})).client().files.upload(content, filename="a.jpg")


def test_somebody_else_on_the_same_server() -> None:
    server = Server(httpx.Response(200, json=BALANCES))
    server.client().with_options(api_key="tk_1").money.balance()
    assert server.requests[0].headers["authorization"] == "Bearer tk_1"
    assert json.dumps(server.client().request("GET", "/v1/anything", query={"a": True})) == json.dumps(BALANCES)
    assert str(server.requests[1].url) == "http://api.test/v1/anything?a=true"


@pytest.mark.anyio
async def test_async_requests_are_tried_again_too() -> None:
    server = Server(httpx.ReadError("gone"), refusal(429, "RATE_LIMITED", {"retry-after": "0"}), httpx.Response(201, json={"transfer_id": "t", **BALANCES}))

    async def handle(request: httpx.Request) -> httpx.Response:
        await request.aread()
        return server(request)

    async with httpx.AsyncClient(transport=httpx.MockTransport(handle)) as http:
        hd = AsyncHumanDispatch("k", base_url="http://api.test", http_client=http, retry_delay=0)
        await hd.sandbox.fund(amount=1, currency="CAD")
    assert len(server.requests) == 3
    assert len({request.headers["idempotency-key"] for request in server.requests}) == 1
