"""What operations check alike: rows as they are now, and who was first."""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contracts.models import Application, Contract, ContractRequest
from contracts.rules.policy.schema import ListedReason
from portal.organisations.acting import ensure_no_own_cause
from portal.organisations.models import User

Decided = TypeVar("Decided", bound=Application | ContractRequest)


def locked_contract(contract: Contract) -> Contract:
    """The contract as it is now, locked until the transaction ends.

    ValidationError (code `annulled`) for one whose bringing in from an old system was annulled.
    """
    current = Contract.everything.select_for_update().get(pk=contract.pk)
    if current.annulled_at:
        raise ValidationError(
            _("This contract was annulled: it had been brought in from an old system by mistake."),
            code="annulled",
        )
    return current


def locked_undecided(asked: Decided) -> Decided:
    """The application or request as it is now, locked; ValidationError when it is decided already."""
    current: Any = type(asked).objects.select_for_update().get(pk=asked.pk)
    if not current.is_open:
        raise ValidationError(
            _("%(number)s was already decided: %(status)s. Nothing was changed."),
            code="already_decided",
            params={"number": current.number, "status": current.get_status_display()},
        )
    found: Decided = current
    return found


def ensure_others_decide(staff: User, asked: Application | ContractRequest) -> None:
    """ValidationError (code `own_request`) where staff would decide on what they, or their own, asked for."""
    if isinstance(asked, Application):
        ensure_no_own_cause(staff, asked.acting_organisation, asked.applicant)
    else:
        ensure_no_own_cause(staff, asked.contract.organisation, asked.requested_by)


def field_error(field: str, message: str, code: str) -> ValidationError:
    """An error on a field that keeps its code."""
    return ValidationError({field: ValidationError(message, code=code)})


def ensure_listed(field: str, key: str, reasons: Iterable[ListedReason]) -> None:
    """ValidationError on the field unless the terms list that reason."""
    if key not in {reason.key for reason in reasons}:
        raise field_error(field, _("Choose a reason that the terms list."), "unknown_reason")
