"""The kinds of requests: each with a handler that checks it, asks the rules, and carries it out."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contracts.models import ContractRequest
from contracts.policies.rulebooks import rulebook_for
from contracts.rules.decision import Decision
from contracts.rules.life.change import ChangeKind, ChangeRequest
from portal.organisations.models import Organisation, User


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a decision or its effect needs beyond the request itself."""

    at: datetime
    actor: User | None = None
    monthly_fee: int | None = None
    successor: Organisation | None = None
    representative: int | None = None


class Handler:
    """What holds for every kind that the policy rules under `changes`; others override what differs."""

    def check(self, request: ContractRequest) -> None:
        """ValidationError, naming the field, for what can't be asked for whatever the deadlines are."""
        if request.kind not in request.governing_version.policy.changes:
            raise ValidationError({"kind": _("The terms don't provide for this change.")})

    def check_again(self, request: ContractRequest) -> None:
        """The same at acceptance, for what may have happened since."""

    def decide(self, request: ContractRequest, on: date | None) -> Decision:
        """Ask the rules; `on` stands in for the wanted day."""
        return rulebook_for(request.governing_version).change(
            ChangeRequest(
                kind=cast(ChangeKind, request.kind),
                submitted_at=request.submitted_at,
                wanted_on=on or cast(date, request.wanted_on),
            )
        )

    def ensure_possible(self, request: ContractRequest, decision: Decision) -> None:
        """ValidationError where what is settled already leaves no room for the decided dates."""

    def stored(self, request: ContractRequest, decision: Decision, context: Context) -> dict[str, Any]:
        """The decision as the request keeps it."""
        return decision.to_json()

    def take_effect(self, request: ContractRequest, context: Context) -> None:
        """Carry out what was accepted, on the dates of the request's decision."""
        raise NotImplementedError

    def may_undo(self, request: ContractRequest, on: date) -> bool:
        """Whether what was accepted can still be taken back on a day."""
        return False

    def undo(self, request: ContractRequest, context: Context) -> None:
        """Take back what was accepted and has not begun; ValidationError where that can't be."""
        raise ValidationError(
            _("This was decided already and can't be taken back here; please contact us."),
            code="already_decided",
        )


def effective_on(request: ContractRequest) -> date:
    """The first day of what the decision settled."""
    return date.fromisoformat(request.decision["effective_on"])
