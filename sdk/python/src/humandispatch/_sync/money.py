# Written by scripts/generate_sync.py from ../_async. Not to be edited.
"""Balances, postings, payouts and play money."""

from __future__ import annotations

from .._core import given, path
from ..models import Balances, Funding, LedgerEntry, Payout, SandboxFunding
from ..params import Amount
from .pages import Page, page_of
from .resource import Resource


class Money(Resource):
    """The account's money."""

    def balance(self) -> Balances:
        """What is available and what is in escrow, by currency."""
        return self._get(Balances, "/v1/balance")

    def list_entries(self, *, limit: int | None = None, starting_after: str | None = None) -> Page[LedgerEntry]:
        """The account's postings, newest first. Those of a transfer sum to zero."""
        query = given(limit=limit, starting_after=starting_after)
        return page_of(self._transport, LedgerEntry, "/v1/ledger/entries", query)

    def list_payouts(self, *, limit: int | None = None, starting_after: str | None = None) -> Page[Payout]:
        """Payouts for the account's work, or with a talent token the talent's own, newest first."""
        query = given(limit=limit, starting_after=starting_after)
        return page_of(self._transport, Payout, "/v1/payouts", query)

    def get_payout(self, payout_id: str) -> Payout:
        """A payout."""
        return self._get(Payout, path("/v1/payouts/{}", payout_id))

    def fund(self, *, amount: Amount, currency: str, idempotency_key: str | None = None) -> Funding:
        """Asks the deployment's payment provider for money. With a client_secret it is completed in a browser."""
        return self._post(Funding, "/v1/fundings", {"amount": amount, "currency": currency}, idempotency_key)


class Sandbox(Resource):
    """What only test accounts can do."""

    def fund(self, *, amount: Amount, currency: str, idempotency_key: str | None = None) -> SandboxFunding:
        """Adds play money. InvalidStateError with a live key."""
        body = {"amount": amount, "currency": currency}
        return self._post(SandboxFunding, "/v1/sandbox/fund", body, idempotency_key)
