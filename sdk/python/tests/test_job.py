"""Whole jobs against a running server, from the template to the payout."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import VENV, Server
from recording import interview

from humandispatch import AsyncHumanDispatch, HumanDispatch, PolicyBlockedError, SchemaValidationError

LABELS = {"ada.wav": {"speaker": "ada"}, "bob.wav": {"speaker": "bob"}, "mix.wav": {"mix": "yes"}}


@pytest.fixture(scope="session")
def recordings() -> dict[str, bytes]:
    return interview()


def a_task(title: str = "Record an interview at our office") -> dict[str, Any]:
    return {
        "task_type": "PODCAST_ON_SITE_CAPTURE",
        "title": title,
        "location": {"mode": "onsite", "address": "290 Yonge St, Toronto, ON", "lat": 43.6544, "lng": -79.3807},
        "schedule": {"start_at": datetime.now(timezone.utc), "duration_hours": 2},
        "budget": {"currency": "CAD", "pricing_model": "fixed", "max_total": Decimal("600.50")},
        "deliverables": [{"kind": "audio", "count": 3, "format": "wav"}],
        "task_spec": {"speakers": 2, "isolated_tracks": True, "sample_rate": 48000, "bit_depth": 24, "minutes": 0.1},
    }


def test_a_whole_job(hd: HumanDispatch, binary: Path, recordings: dict[str, bytes], tmp_path: Path) -> None:
    template = hd.templates.get("PODCAST_ON_SITE_CAPTURE")
    assert hd.tasks.check(**template.sample_payload).valid is True

    task = hd.tasks.create(**a_task())
    assert task.status in ("screening", "open")
    assert task.budget.max_total == Decimal("600.50")
    assert hd.tasks.get(task.id).title == task.title

    person = hd.talent.register(name="Bea", email="bea@example.com", lat=43.65, lng=-79.38, radius_km=25)
    talent = hd.with_options(api_key=person.token)
    assert talent.talent.get("me").id == person.id
    assert person.id in [found.id for found in hd.talent.search(lat=43.65, lng=-79.38, radius_km=5)]

    assert hd.quotes.request(task.id, talent_ids=[person.id]).quote_requests[0].talent_id == person.id
    [invitation] = talent.quote_requests.list(status="requested")
    assert invitation.brief.title == task.title
    quoted = talent.quote_requests.quote(invitation.id, amount=Decimal("249.50"), message="With two microphones.")
    [quote] = hd.quotes.list(task.id)
    assert (quote.id, quote.amount, quote.untrusted) == (quoted.id, Decimal("249.50"), ["message"])
    assert hd.quotes.accept(quote.id).status == "accepted"

    hd.sandbox.fund(amount=1000, currency="CAD")
    booking = hd.bookings.create(quote.id)
    assert (booking.status, booking.amount, booking.escrow.status) == ("confirmed", Decimal("249.50"), "held")
    assert hd.bookings.preview_cancel(booking.id).settlement.to_requester == Decimal("249.50")

    checkin = talent.bookings.checkin(booking.id, lat=43.6544, lng=-79.3807, accuracy_m=12)
    assert (checkin.checkin.verdict, checkin.booking.status) == ("inside", "checked_in")

    files = []
    for name, content in recordings.items():
        progress: list[int] = []
        uploaded = talent.files.upload(content, filename=name, on_progress=lambda sent, _: progress.append(sent))
        assert progress == sorted(progress) and progress[-1] == uploaded.bytes == len(content)
        files.append({"file_id": uploaded.file_id, "kind": "audio", "labels": LABELS[name]})
        stored = talent.files.get(uploaded.file_id)
        assert (stored.status, stored.sha256, stored.content_type) == ("uploaded", uploaded.sha256, "audio/wav")
    order = talent.work_orders.register_deliverables(booking.work_order_id, files=files, message="Here it is.")
    assert (order.revision, len(order.deliverables)) == (1, 3)

    qa = hd.work_orders.wait_for_qa(order.id, timeout=120).qa
    assert qa.overall_pass, [(check.id, check.measured) for check in qa.checks if check.verdict != "pass"]
    again = hd.work_orders.rerun_qa(order.id).qa
    hd.work_orders.wait_for_qa(order.id, timeout=120)
    assert [run.run_id for run in hd.work_orders.list_qa_runs(order.id, limit=1)] == [again.run_id, qa.run_id]

    accepted = hd.work_orders.accept(order.id)
    assert (accepted.status, accepted.settlement.currency) == ("accepted", "CAD")
    assert accepted.settlement.to_talent + accepted.settlement.platform_fee == Decimal("249.50")
    paid = next(e for e in hd.events.stream(types=["payout.paid"]) if e.related.get("booking_id") == booking.id)
    payout = hd.money.get_payout(paid.data.object["id"])
    assert (payout.status, payout.amount) == ("paid", accepted.settlement.to_talent)
    signed = hd.work_orders.receipt(order.id)
    assert signed.receipt.work_order_id == order.id
    (tmp_path / "receipt.json").write_text(json.dumps(signed.raw))
    (tmp_path / "keys.json").write_text(json.dumps(hd.request("GET", "/.well-known/humandispatch-receipt-keys.json")))
    subprocess.run([binary, "receipt", "verify", "--keys=keys.json", "receipt.json"], cwd=tmp_path, check=True)
    entries = [entry for entry in hd.money.list_entries(limit=3) if entry.booking_id == booking.id]
    assert sum(entry.amount for entry in entries) == 0


@pytest.mark.anyio
async def test_a_whole_job_async(ahd: AsyncHumanDispatch, recordings: dict[str, bytes], tmp_path: Path) -> None:
    template = await ahd.templates.get("PODCAST_ON_SITE_CAPTURE")
    assert (await ahd.tasks.check(**template.sample_payload)).valid is True
    task = await ahd.tasks.create(**a_task("Record a panel at our office"))
    person = await ahd.talent.register(name="Cem", email="cem@example.com", lat=43.65, lng=-79.38)
    talent = ahd.with_options(api_key=person.token)
    await ahd.quotes.request(task.id, talent_ids=[person.id])
    invitation = (await talent.quote_requests.list(status="requested")).data[0]
    await talent.quote_requests.quote(invitation.id, amount=300)
    [quote] = [quote async for quote in ahd.quotes.list(task.id)]
    await ahd.quotes.accept(quote.id)
    await ahd.sandbox.fund(amount=1000, currency="CAD")
    booking = await ahd.bookings.create(quote.id)
    await talent.bookings.checkin(booking.id, lat=43.6544, lng=-79.3807, accuracy_m=12)

    files = []
    for name, content in recordings.items():
        path = tmp_path / name
        path.write_bytes(content)
        progress: list[int] = []
        uploaded = await talent.files.upload(path, on_progress=lambda sent, _: progress.append(sent))
        assert progress[-1] == len(content)
        files.append({"file_id": uploaded.file_id, "kind": "audio", "labels": LABELS[name]})
    await talent.work_orders.register_deliverables(booking.work_order_id, files=files)

    qa = (await ahd.work_orders.wait_for_qa(booking.work_order_id, timeout=120)).qa
    assert qa.overall_pass, [(check.id, check.measured) for check in qa.checks if check.verdict != "pass"]
    accepted = await ahd.work_orders.accept(booking.work_order_id)
    assert accepted.settlement.to_talent == Decimal("255")
    async for event in ahd.events.stream(types=["payout.paid"]):
        if event.related.get("booking_id") == booking.id:
            break
    payouts = [payout async for payout in ahd.money.list_payouts(limit=1)]
    assert [p.status for p in payouts if p.booking_id == booking.id] == ["paid"]


def test_errors_say_what_was_wrong(hd: HumanDispatch) -> None:
    with pytest.raises(SchemaValidationError) as invalid:
        hd.tasks.create(**{**a_task(), "task_spec": {"speakers": 0, "minutes": 1}})
    error = invalid.value
    assert (error.status, error.code) == (400, "SCHEMA_VALIDATION_FAILED")
    assert error.request_id.startswith("req_")
    [problem] = [p for p in error.problems if "speakers" in p.path]
    assert problem.fix and problem.expected and problem.fix in str(error)
    with pytest.raises(PolicyBlockedError) as blocked:
        hd.tasks.create(**a_task("Follow my ex-girlfriend and film her secretly"))
    assert blocked.value.status == 403


def test_the_wheel_and_the_readme(server: Server, recordings: dict[str, bytes], tmp_path: Path) -> None:
    """The wheel, alone in a new environment with what it depends on, does all the README shows."""
    wheels = list((VENV / "dist").glob("humandispatch-*.whl"))
    assert len(wheels) == 1
    new = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(new)], check=True)
    python = str(new / "bin" / "python")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python]
    subprocess.run([*pip, "install", "--quiet", str(wheels[0])], check=True)
    show = subprocess.run([*pip, "show", "--files", "humandispatch"], check=True, capture_output=True, text=True).stdout
    assert re.search(r"^Requires: httpx$", show, re.M)
    assert "humandispatch/py.typed" in show

    readme = (Path(__file__).parents[1] / "README.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```", readme, re.M | re.S)
    assert len(blocks) == readme.count("```python") == 8
    program = tmp_path / "readme.py"
    forged = 'assert receive(b"{}", {}, webhook.secret) == 400\n'
    program.write_text("\n".join([*blocks, forged]))
    for name, content in recordings.items():
        (tmp_path / name).write_bytes(content)
    environment = {n: v for n, v in os.environ.items() if not n.startswith(("HUMANDISPATCH_", "PYTHON"))}
    environment |= {"HUMANDISPATCH_API_URL": server.url, "HUMANDISPATCH_API_KEY": server.key}
    environment["MY_ENDPOINT"] = f"{server.url}/hooks"
    run = subprocess.run(
        [python, "-W", "error", str(program)], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=100
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "PRODUCT_PHOTO_ECOMM - " in run.stdout
    assert "talent gets 382.50 CAD" in run.stdout
    assert "payout.paid" in run.stdout
    assert "paid 382.50 CAD" in run.stdout
    assert "location.mode - " in run.stdout
