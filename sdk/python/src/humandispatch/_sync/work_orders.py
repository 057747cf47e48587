# Written by scripts/generate_sync.py from ../_async. Not to be edited.
"""The work of a booking: its files, their QA, its acceptance and its disputes."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from .._core import LONGEST_WAIT, given, path
from ..errors import APITimeoutError
from ..models import QA, AcceptedWorkOrder, Dispute, PreflightResult, QAResult, SignedReceipt, WorkOrder
from ..params import Amount, NewDeliverable
from .pages import Page, page_of
from .resource import Resource


class WorkOrders(Resource):
    """The work of a booking."""

    def get(self, work_order_id: str) -> WorkOrder:
        """A work order with the deliverables of its newest revision."""
        return self._get(WorkOrder, path("/v1/work_orders/{}", work_order_id))

    def preflight(
        self,
        work_order_id: str,
        *,
        files: Sequence[NewDeliverable | Mapping[str, Any]],
        answers: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> PreflightResult:
        """Runs the checks of single files over uploaded files without submitting them."""
        body = given(files=files, answers=answers)
        return self._post(PreflightResult, path("/v1/work_orders/{}/preflight", work_order_id), body, None)

    def register_deliverables(
        self,
        work_order_id: str,
        *,
        files: Sequence[NewDeliverable | Mapping[str, Any]],
        answers: Mapping[str, Mapping[str, Any]] | None = None,
        message: str | None = None,
        idempotency_key: str | None = None,
    ) -> WorkOrder:
        """Submits uploaded files as the next revision, which QA then judges by
        itself. answers are by store id, then by question id."""
        body = given(files=files, answers=answers, message=message)
        return self._post(WorkOrder, path("/v1/work_orders/{}/deliverables", work_order_id), body, idempotency_key)

    def get_qa(self, work_order_id: str, *, wait_seconds: int | None = None) -> QAResult:
        """The newest QA run. wait_seconds, up to 60, holds the answer until it is completed."""
        where = path("/v1/work_orders/{}/qa", work_order_id)
        return self._get(QAResult, where, given(wait_seconds=wait_seconds), wait_seconds=wait_seconds or 0)

    def wait_for_qa(self, work_order_id: str, *, timeout: float = 600) -> QAResult:
        """Asks until the newest QA run is completed. APITimeoutError when it is not after timeout seconds."""
        end = time.monotonic() + timeout
        while True:
            left = math.ceil(end - time.monotonic())
            result = self.get_qa(work_order_id, wait_seconds=max(0, min(LONGEST_WAIT, left)))
            if result.qa.status == "completed":
                return result
            if time.monotonic() >= end:
                raise APITimeoutError(f"QA of {work_order_id} is still {result.qa.status} after {timeout:g} seconds")

    def rerun_qa(
        self, work_order_id: str, *, checks: Sequence[str] | None = None, idempotency_key: str | None = None
    ) -> QAResult:
        """Judges the newest revision again, wholly or by the named checks."""
        body = given(checks=checks)
        return self._post(QAResult, path("/v1/work_orders/{}/qa", work_order_id), body, idempotency_key)

    def list_qa_runs(
        self, work_order_id: str, *, limit: int | None = None, starting_after: str | None = None
    ) -> Page[QA]:
        """The runs of every revision, newest first. starting_after is a run_id."""
        query = given(limit=limit, starting_after=starting_after)
        where = path("/v1/work_orders/{}/qa/runs", work_order_id)
        return page_of(self._transport, QA, where, query, id_of=lambda qa: qa.run_id)

    def override_check(
        self,
        work_order_id: str,
        check: str,
        *,
        reason: str,
        verdict: Literal["pass", "fail"] | None = None,
        revoke: bool | None = None,
        idempotency_key: str | None = None,
    ) -> QAResult:
        """Puts a reviewer's verdict in place of the engine's, or takes it back. Needs the scope reviews:write."""
        body = given(verdict=verdict, reason=reason, revoke=revoke)
        where = path("/v1/work_orders/{}/qa/checks/{}/override", work_order_id, check)
        return self._post(QAResult, where, body, idempotency_key)

    def request_changes(
        self, work_order_id: str, *, message: str | None = None, idempotency_key: str | None = None
    ) -> WorkOrder:
        """Sends judged work back to the talent, without a message with the fixes of QA's failed checks."""
        where = path("/v1/work_orders/{}/request_changes", work_order_id)
        return self._post(WorkOrder, where, given(message=message), idempotency_key)

    def accept(
        self, work_order_id: str, *, deliverable_ids: Sequence[str] | None = None, idempotency_key: str | None = None
    ) -> AcceptedWorkOrder:
        """Accepts the work, wholly or only the named deliverables, releases the
        escrow and begins the payout. InvalidStateError unless QA passed or ids are named."""
        body = given(deliverable_ids=deliverable_ids)
        return self._post(AcceptedWorkOrder, path("/v1/work_orders/{}/accept", work_order_id), body, idempotency_key)

    def receipt(self, work_order_id: str) -> SignedReceipt:
        """What happened to accepted or resolved work, signed. Its raw, written to
        a file as JSON, is what `humandispatch receipt verify` checks."""
        return self._get(SignedReceipt, path("/v1/work_orders/{}/receipt", work_order_id))


class Disputes(Resource):
    """Disagreements. The money is frozen until they are resolved."""

    def open(self, work_order_id: str, *, reason: str, idempotency_key: str | None = None) -> Dispute:
        """Freezes the money of submitted work."""
        where = path("/v1/work_orders/{}/disputes", work_order_id)
        return self._post(Dispute, where, {"reason": reason}, idempotency_key)

    def get(self, dispute_id: str) -> Dispute:
        """A dispute."""
        return self._get(Dispute, path("/v1/disputes/{}", dispute_id))

    def resolve(
        self,
        dispute_id: str,
        *,
        to_talent: Amount,
        to_requester: Amount,
        reason: str,
        idempotency_key: str | None = None,
    ) -> Dispute:
        """Divides the frozen money; what neither gets is the platform's fee. Needs the scope reviews:write."""
        body = {"to_talent": to_talent, "to_requester": to_requester, "reason": reason}
        return self._post(Dispute, path("/v1/disputes/{}/resolve", dispute_id), body, idempotency_key)
