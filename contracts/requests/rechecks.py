"""The same deadline and conditions once more, at acceptance: what happened since may have changed them."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contracts.deciding.guards import field_error
from contracts.models import ContractRequest
from contracts.models.request import RequestDecision
from contracts.requests.registry import kind_of
from contracts.rules.life.cancellation import Cancellation
from contracts.rules.life.change import Change
from contracts.wording.late import late_now
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person

LATE_REQUEST = "late_request"
"""The kind of proposal that accepts a request despite its deadline."""


def decided_again(request: ContractRequest) -> RequestDecision:
    """What the rules say now to an open request, with what happened since it was submitted.

    ValidationError where it no longer fits the contract (code `conditions_changed`, or the kind's own).
    """
    kind = kind_of(request.kind)
    kind.check_again(request)
    again = kind.decide(request, None)
    if isinstance(again, Change) and again.reason not in (None, "late"):
        raise ValidationError(
            _("What the contract contains has changed, and the request no longer fits; refuse it."),
            code="conditions_changed",
        )
    return again


def is_late_now(request: ContractRequest, again: RequestDecision) -> bool:
    """Whether a decision made again says that the deadline has moved before the receipt of the request."""
    if again.outcome == "refused":
        return True
    before = request.decided
    return isinstance(again, Cancellation) and before is not None and again.ends_on != before.settled_on


def overriding_reason(request: ContractRequest, reason: str, approval: Proposal | None) -> str:
    """Check again; gives the reason for which staff accept a late request, empty where it is not late.

    ValidationError as for `decided_again`, and where it is late and there is no reason (`override_reason`,
    code `late_now`), or no approval of a second person to accept it all the same (`second_person`).
    """
    if not is_late_now(request, decided_again(request)):
        return ""
    if not reason:
        raise field_error("override_reason", late_now(), "late_now")
    ensure_second_person(approval, LATE_REQUEST)
    return reason
