"""Every operation of the API has a method, which sends all the operation takes
and nothing else. What is generated is what would be generated now."""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from humandispatch import AsyncHumanDispatch, HumanDispatch, errors

SCRIPTS = Path(__file__).parents[1] / "scripts"
sys.path.insert(0, str(SCRIPTS))

import generate_models  # noqa: E402
import generate_sync  # noqa: E402

PAGE: dict[str, Any] = {"limit": 5, "starting_after": "x_1"}
TASK: dict[str, Any] = {
    "task_type": "T",
    "title": "t",
    "brief": "b",
    "location": {"mode": "remote"},
    "schedule": {"start_at": "2026-04-22T10:00:00-04:00"},
    "budget": {"currency": "CAD", "pricing_model": "fixed", "max_total": 1},
    "deliverables": [],
    "talent_requirements": {},
    "task_spec": {},
    "metadata": {},
}
PERSON: dict[str, Any] = {
    "name": "n",
    "email": "e",
    "bio": "b",
    "city": "c",
    "skills": ["s"],
    "languages": ["en"],
    "task_types": ["T"],
    "lat": 1.0,
    "lng": 2.0,
    "radius_km": 3,
}
SUBMISSION: dict[str, Any] = {"files": [], "answers": {}, "message": "m"}
MONEY: dict[str, Any] = {"amount": 1, "currency": "CAD"}

Client = Any

# By operationId, a call with everything it can be given.
CALLS: dict[str, Callable[[Client], Any]] = {
    "list_templates": lambda c: c.templates.list(**PAGE),
    "get_template": lambda c: c.templates.get("T"),
    "create_task": lambda c: c.tasks.check(**TASK),
    "get_task": lambda c: c.tasks.get("x"),
    "list_tasks": lambda c: c.tasks.list(status="open", task_type="T", **PAGE),
    "cancel_task": lambda c: c.tasks.cancel("x"),
    "list_policy_reviews": lambda c: c.reviews.list(**PAGE),
    "review_task": lambda c: c.reviews.decide("x", decision="approve", reason="r"),
    "request_quotes": lambda c: c.quotes.request(
        "x", talent_ids=["t"], max_talent=1, message="m", expires_in_hours=2
    ),
    "get_quotes": lambda c: c.quotes.list("x", status="received", **PAGE),
    "accept_quote": lambda c: c.quotes.accept("x"),
    "list_my_quote_requests": lambda c: c.quote_requests.list(status="requested", **PAGE),
    "submit_quote": lambda c: c.quote_requests.quote(
        "x", amount=1, currency="CAD", message="m", expires_at="2026-04-22T10:00:00Z"
    ),
    "decline_quote_request": lambda c: c.quote_requests.decline("x", reason="r"),
    "create_booking": lambda c: c.bookings.create("x"),
    "get_booking": lambda c: c.bookings.get("x"),
    "submit_checkin": lambda c: c.bookings.checkin(
        "x",
        lat=1,
        lng=2,
        accuracy_m=3,
        captured_at="2026-04-22T10:00:00Z",
        kind="in",
        person="p",
        site_code="123456",
    ),
    "cancel_booking": lambda c: c.bookings.cancel("x", reason="r"),
    "get_work_order": lambda c: c.work_orders.get("x"),
    "preflight": lambda c: c.work_orders.preflight("x", files=[], answers={}),
    "register_deliverables": lambda c: c.work_orders.register_deliverables("x", **SUBMISSION),
    "get_qa": lambda c: c.work_orders.get_qa("x", wait_seconds=1),
    "rerun_qa": lambda c: c.work_orders.rerun_qa("x", checks=["c"]),
    "list_qa_runs": lambda c: c.work_orders.list_qa_runs("x", **PAGE),
    "override_check": lambda c: c.work_orders.override_check("x", "c", reason="r", verdict="pass", revoke=False),
    "request_changes": lambda c: c.work_orders.request_changes("x", message="m"),
    "accept_work": lambda c: c.work_orders.accept("x", deliverable_ids=["d"]),
    "get_receipt": lambda c: c.work_orders.receipt("x"),
    "open_dispute": lambda c: c.disputes.open("x", reason="r"),
    "get_dispute": lambda c: c.disputes.get("x"),
    "resolve_dispute": lambda c: c.disputes.resolve("x", to_talent=1, to_requester=2, reason="r"),
    "search_talent": lambda c: c.talent.search(
        skills=["a", "b"],
        languages=["en"],
        task_type="T",
        lat=1,
        lng=2,
        radius_km=3,
        city="c",
        min_rating=4,
        **PAGE,
    ),
    "get_talent": lambda c: c.talent.get("x"),
    "register_talent": lambda c: c.talent.register(**PERSON),
    "presign_file": lambda c: c.files.presign(
        filename="f",
        content_type="image/jpeg",
        bytes=1,
        capture={"lat": 1, "lng": 2, "accuracy_m": 3, "at": "2026-04-22T10:00:00Z"},
    ),
    "get_file": lambda c: c.files.get("x"),
    "create_webhook": lambda c: c.webhooks.create(url="u", types=["t"], description="d"),
    "list_webhooks": lambda c: c.webhooks.list(**PAGE),
    "get_webhook": lambda c: c.webhooks.get("x"),
    "update_webhook": lambda c: c.webhooks.update("x", url="u", types=[], description="d", enabled=False),
    "delete_webhook": lambda c: c.webhooks.delete("x"),
    "rotate_webhook_secret": lambda c: c.webhooks.rotate_secret("x"),
    "test_webhook": lambda c: c.webhooks.test("x"),
    "list_deliveries": lambda c: c.webhooks.list_deliveries("x", status="failed", **PAGE),
    "replay_webhook": lambda c: c.webhooks.replay(
        "x", delivery_id="d", since="2026-04-22T10:00:00Z", until="2026-04-22T11:00:00Z", dry_run=True
    ),
    "list_events": lambda c: c.events.list(after=1, types=["a", "b"], wait_seconds=1, limit=5),
    "get_event": lambda c: c.events.get("x"),
    "get_balance": lambda c: c.money.balance(),
    "list_ledger_entries": lambda c: c.money.list_entries(**PAGE),
    "list_payouts": lambda c: c.money.list_payouts(**PAGE),
    "get_payout": lambda c: c.money.get_payout("x"),
    "create_funding": lambda c: c.money.fund(**MONEY),
    "fund_sandbox": lambda c: c.sandbox.fund(**MONEY),
}

# What one call cannot show together with the rest, or a method of its own sends.
ELSEWHERE = {"cancel_booking": {"dry_run"}, "preflight": {"message"}}


def test_every_operation_has_a_method(document: bytes) -> None:
    doc = json.loads(document)
    operations = {
        operation["operationId"]: (method.upper(), path, operation)
        for path, item in doc["paths"].items()
        for method, operation in item.items()
        if isinstance(operation, dict) and "operationId" in operation
    }
    assert set(CALLS) == set(operations)
    for name, (method, path, operation) in operations.items():
        sent: list[httpx.Request] = []

        def refuse(request: httpx.Request, sent: list[httpx.Request] = sent) -> httpx.Response:
            sent.append(request)
            return httpx.Response(500)

        hd = HumanDispatch("k", base_url="http://x", http_client=httpx.Client(transport=httpx.MockTransport(refuse)))
        with pytest.raises(errors.APIError):
            CALLS[name](hd)
        [request] = sent
        assert (request.method, request.url.path) == (method, re.sub(r"{[^}]*}", "", path)) or re.fullmatch(
            re.sub(r"{[^}]*}", "[^/]+", path), request.url.path
        ), name
        assert request.method == method, name
        queries = {p["name"] for p in operation.get("parameters", []) if p["in"] == "query"}
        assert {n for n, _ in parse_qsl(request.url.query.decode())} == queries - ELSEWHERE.get(name, set()), name
        content = operation.get("requestBody", {}).get("content", {})
        if content:
            fields = doc["components"]["schemas"][content["application/json"]["schema"]["$ref"].rsplit("/")[-1]]["properties"]
            assert set(json.loads(request.content)) == set(fields) - ELSEWHERE.get(name, set()), name
        else:
            assert not request.content, name
        assert ("idempotency-key" in request.headers) == (method == "POST"), name


def test_every_error_code_has_a_class(document: bytes) -> None:
    doc = json.loads(document)
    codes = {
        code
        for item in doc["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict)
        for response in operation["responses"].values()
        for code in response.get("content", {}).get("application/json", {}).get("examples", {})
        if code.isupper()
    }
    assert codes and codes <= set(errors.BY_CODE)


def test_the_types_are_those_of_the_document(document: bytes, pytestconfig: pytest.Config) -> None:
    generated = generate_models.Document(json.loads(document))
    for name, text in {"models.py": generated.models(), "params.py": generated.params()}.items():
        target = generate_models.PACKAGE / name
        if pytestconfig.getoption("--update"):
            target.write_text(text)
        assert target.read_text() == text, f"the API changed what {name} says: run `sh test.sh --update`"


def test_the_sync_client_is_generated_from_the_async_one() -> None:
    for target, text in generate_sync.modules().items():
        assert target.read_text() == text, "run scripts/generate_sync.py"


def test_the_clients_have_the_same_methods() -> None:
    sync = HumanDispatch("k", base_url="http://x")
    other = AsyncHumanDispatch("k", base_url="http://x")

    def surface(client: object) -> dict[str, list[str]]:
        return {
            f"{name}.{method}": list(inspect.signature(function).parameters)
            for name, resource in vars(client).items()
            if not name.startswith("_")
            for method, function in inspect.getmembers(resource, callable)
            if not method.startswith("_")
        }

    assert surface(sync) == surface(other)
    assert len(surface(sync)) > 55
    sync.close()
