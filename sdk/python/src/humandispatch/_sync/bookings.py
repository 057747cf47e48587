# Written by scripts/generate_sync.py from ../_async. Not to be edited.
"""Engaging talent, with the money held in escrow."""

from __future__ import annotations

from typing import Literal

from .._core import given, path
from ..models import Booking, CancelledBooking, RecordedCheckin
from ..params import Time
from .resource import Resource


class Bookings(Resource):
    """Talent engaged for a task."""

    def create(self, quote_id: str, *, idempotency_key: str | None = None) -> Booking:
        """Books an accepted quote and holds its total. InsufficientFundsError when there is not enough."""
        return self._post(Booking, "/v1/bookings", {"quote_id": quote_id}, idempotency_key)

    def get(self, booking_id: str) -> Booking:
        """A booking with its check-ins and escrow."""
        return self._get(Booking, path("/v1/bookings/{}", booking_id))

    def checkin(
        self,
        booking_id: str,
        *,
        lat: float,
        lng: float,
        accuracy_m: float,
        captured_at: Time | None = None,
        kind: Literal["in", "out"] | None = None,
        person: str | None = None,
        site_code: str | None = None,
        idempotency_key: str | None = None,
    ) -> RecordedCheckin:
        """Records where somebody is (WGS 84, accuracy by the device's own
        estimate). Outside the fence it is recorded, too, and InvalidStateError says the distance."""
        body = given(
            lat=lat,
            lng=lng,
            accuracy_m=accuracy_m,
            captured_at=captured_at,
            kind=kind,
            person=person,
            site_code=site_code,
        )
        return self._post(RecordedCheckin, path("/v1/bookings/{}/checkin", booking_id), body, idempotency_key)

    def cancel(
        self, booking_id: str, *, reason: str | None = None, idempotency_key: str | None = None
    ) -> CancelledBooking:
        """Cancels and settles the escrow by the cancellation rule."""
        where = path("/v1/bookings/{}/cancel", booking_id)
        return self._post(CancelledBooking, where, given(reason=reason), idempotency_key)

    def preview_cancel(self, booking_id: str) -> CancelledBooking:
        """Who would get what if it were cancelled now. Nothing changes."""
        where = path("/v1/bookings/{}/cancel", booking_id)
        return self._post(CancelledBooking, where, {}, None, {"dry_run": True})
