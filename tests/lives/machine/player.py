"""Playing events one by one through the portal's operations, as lives are played, beside the clerk."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction

from billing.calculation.prices import PriceListError
from contracts.models import ContractRequest, Service
from contracts.problems.reasons import UnansweredError
from portal.lives.events.registry import EVENTS
from portal.lives.stage import set_stage
from tests.lives.machine.naive import outages
from tests.lives.machine.naive.clerk import Clerk
from tests.lives.machine.naive.terms import Terms
from tests.lives.machine.rows import changed, rows

REFUSALS = (ValidationError, PermissionDenied, PriceListError, UnansweredError)
Event = dict[str, Any]

LEFT_BY_STEPS: Mapping[str, frozenset[str] | None] = {
    "accept": None,
    "bill": None,
    "debit": None,
    "end_service": None,
    "usage": None,
    "replace_device": None,
    "decide": frozenset({"contracts_reviewcheck", "contracts_contractdocument", "contracts_contractrequest"}),
    "succeed": frozenset(
        {"contracts_reviewcheck", "contracts_contractdocument", "contracts_contractrequest"}
    ),
    "pay": frozenset({"billing_bankfile", "billing_banktransaction"}),
    "price": frozenset({"approvals_proposal", "contracts_notice", "contracts_noticedelivery"}),
    "terminate": frozenset({"contracts_task", "contracts_issuedletter", "contracts_numbercounter"}),
}
"""Events that stand for several steps: what those before the refused one may leave. None: anything."""


class RefusedYetChangedError(AssertionError):
    """An event was refused and left rows behind."""


class Player:
    """One life as it is played: the stage, the clerk, and the events with what became of them.

    What an event does stays, until whoever holds the transaction takes it back; what is refused is taken back
    at once, after a look at what it would have left.
    """

    def __init__(self, service: Service, slug: str, method: str, moment: datetime, terms: Terms) -> None:
        self.slug, self.method = slug, method
        self.stage = set_stage(service, method, moment)
        self.clerk = Clerk(terms)
        self.events: list[Event] = []
        self.refused: dict[int, Exception] = {}
        self.credited = 0

    def play(self, event: Event) -> bool:
        """Play an event as the next of the life; whether the portal took it."""
        self.events.append(event)
        read = EVENTS[event["do"]].model_validate({key: value for key, value in event.items() if key != "do"})
        point = transaction.savepoint()
        try:
            with self.stage.at(read.at):
                read.play(self.stage)
        except REFUSALS as refusal:
            self.refused[len(self.events) - 1] = refusal
            left = None if connection.needs_rollback else rows()
            connection.needs_rollback = False
            transaction.savepoint_rollback(point)
            self._ensure_nothing_left(event, left)
            return False
        transaction.savepoint_commit(point)
        with self.stage.at(read.at):
            self.clerk.take(event, read.at, self._answer(event))
            if event["do"] == "outage" and outages.is_followed(self.clerk, event):
                self.credited += outages.credit(self.clerk, event)
        return True

    def _ensure_nothing_left(self, event: Event, after: Mapping[str, int] | None) -> None:
        """Compare the rows that a refused event left with those of now, after it was taken back."""
        may = LEFT_BY_STEPS.get(event["do"], frozenset())
        if may is None or after is None:
            return
        left = changed(rows(), after)
        if left - may:
            raise RefusedYetChangedError(
                f"{event['do']} was refused and changed {', '.join(sorted(left - may))}"
            )

    def _answer(self, event: Event) -> str:
        """What became of a request as it came in."""
        if event["do"] != "request":
            return ""
        request = ContractRequest.objects.get(pk=self.stage.requests[event["name"]])
        if request.status == ContractRequest.Status.REFUSED:
            return f"refused:{getattr(request.decided, 'reason', None) or 'late'}"
        return str(request.status)

    @property
    def now(self) -> datetime:
        return datetime.fromisoformat(self.events[-1]["at"])
