"""Answers that do not come back from the real server: the effect is there once."""

from __future__ import annotations

from decimal import Decimal

import pytest
from conftest import Server
from recording import speech, wav
from test_job import a_task

from humandispatch import APIConnectionError, AsyncHumanDispatch, HumanDispatch


def available(hd: HumanDispatch, currency: str) -> Decimal:
    return next((b.available for b in hd.money.balance().balances if b.currency == currency), Decimal(0))


@pytest.mark.parametrize("how", ["close", "cut"])
def test_money_moves_once(hd: HumanDispatch, server: Server, how: str) -> None:
    currency = {"close": "CHF", "cut": "NOK"}[how]
    server.proxy.lose_next("POST", "/v1/sandbox/fund", times=2, how=how)
    funded = hd.sandbox.fund(amount=Decimal("7.35"), currency=currency, idempotency_key=f"fund-{how}")
    assert [b.available for b in funded.balances if b.currency == currency] == [Decimal("7.35")]
    assert available(hd, currency) == Decimal("7.35")
    tries = server.proxy.take_seen(lambda seen: seen.key == f"fund-{how}")
    assert [seen.lost for seen in tries] == [True, True, False]


def test_a_caller_that_gave_up_asks_again_under_its_key(hd: HumanDispatch, server: Server) -> None:
    server.proxy.lose_next("POST", "/v1/sandbox/fund", times=3)
    with pytest.raises(APIConnectionError):
        hd.sandbox.fund(amount=5, currency="SEK", idempotency_key="again")
    hd.sandbox.fund(amount=5, currency="SEK", idempotency_key="again")
    assert available(hd, "SEK") == 5


def test_one_task_one_talent_one_booking(hd: HumanDispatch, server: Server) -> None:
    before = {task.id for task in hd.tasks.list(limit=100)}
    for path in ("/v1/tasks", "/v1/talent", "/quote_requests", "/quotes", "/accept", "/v1/bookings", "/checkin"):
        server.proxy.lose_next("POST", path)
    task = hd.tasks.create(**a_task("Record a reading at our office"))
    assert {t.id for t in hd.tasks.list(limit=100)} - before == {task.id}
    person = hd.talent.register(name="Dag", email="dag@example.com")
    talent = hd.with_options(api_key=person.token)
    hd.quotes.request(task.id, talent_ids=[person.id])
    [invitation] = talent.quote_requests.list()
    talent.quote_requests.quote(invitation.id, amount=20)
    [quote] = hd.quotes.list(task.id)
    hd.quotes.accept(quote.id)
    hd.sandbox.fund(amount=20, currency="CAD")
    held = available(hd, "CAD")
    booking = hd.bookings.create(quote.id)
    assert held - available(hd, "CAD") == 20
    checkin = talent.bookings.checkin(booking.id, lat=43.6544, lng=-79.3807, accuracy_m=12)
    assert [c.id for c in hd.bookings.get(booking.id).checkins] == [checkin.checkin.id]

    server.proxy.lose_next("POST", "/presign")
    server.proxy.lose_next("PUT", "")
    uploaded = talent.files.upload(wav(speech(3, 0.5)), filename="take.wav")
    stored = talent.files.get(uploaded.file_id)
    assert (stored.status, stored.sha256) == ("uploaded", uploaded.sha256)

    server.proxy.lose_next("POST", "/cancel", times=2)
    cancelled = hd.bookings.cancel(booking.id, reason="The speaker is ill")
    assert cancelled.settlement.to_talent + cancelled.settlement.platform_fee + cancelled.settlement.to_requester == 20
    assert held - available(hd, "CAD") == 20 - cancelled.settlement.to_requester


@pytest.mark.anyio
async def test_async_money_moves_once(ahd: AsyncHumanDispatch, server: Server) -> None:
    server.proxy.lose_next("POST", "/v1/sandbox/fund", how="close")
    server.proxy.lose_next("POST", "/v1/sandbox/fund", how="cut")
    funded = await ahd.sandbox.fund(amount=3, currency="DKK")
    assert [b.available for b in funded.balances if b.currency == "DKK"] == [3]
