"""The same deadline and conditions once more, at acceptance: what happened since may have changed them."""

from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contracts.guards import field_error
from contracts.models import ContractRequest
from contracts.requests.registry import handler_of
from contracts.rules.decision import Decision
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person

LATE_REQUEST = "late_request"
"""The kind of proposal that accepts a request despite its deadline."""


def decided_again(request: ContractRequest) -> Decision:
    """What the rules say now to an open request, with what happened since it was submitted.

    ValidationError where it no longer fits the contract (code `conditions_changed`, or the handler's own).
    """
    handler = handler_of(request.kind)
    handler.check_again(request)
    again = handler.decide(request, None)
    if again.facts().get("reason") not in (None, "late"):
        raise ValidationError(
            _("What the contract contains has changed, and the request no longer fits; refuse it."),
            code="conditions_changed",
        )
    return again


def is_late_now(request: ContractRequest, again: Decision) -> bool:
    """Whether a decision made again says that the deadline has moved before the receipt of the request."""
    facts = again.facts()
    return facts["outcome"] == "refused" or facts.get("ends_on") != stored_day(request, "ends_on")


def overriding_reason(request: ContractRequest, reason: str, approval: Proposal | None) -> str:
    """Check again; gives the reason for which staff accept a late request, empty where it is not late.

    ValidationError as for `decided_again`, and where it is late and there is no reason (`override_reason`,
    code `late_now`), or no approval of a second person to accept it all the same (`second_person`).
    """
    if not is_late_now(request, decided_again(request)):
        return ""
    if not reason:
        raise field_error("override_reason", late_text(), "late_now")
    ensure_second_person(approval, LATE_REQUEST)
    return reason


def late_text() -> str:
    """What is to be said of a request whose deadline has moved before its receipt."""
    return _(
        "Counted again today, the deadline lies before its receipt. Refuse it; a manager may approve"
        " that it is accepted all the same, with a reason."
    )


def stored_day(request: ContractRequest, fact: str) -> date | None:
    """A date of the decision that a request keeps; None where it has none."""
    stored = request.decision.get(fact)
    return date.fromisoformat(stored) if stored else None
