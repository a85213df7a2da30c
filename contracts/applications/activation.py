"""The last steps to service start: registration, and the activation notice."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contracts.applications.formation import update_formation
from contracts.correspondence import application_mails as mail
from contracts.correspondence import letters
from contracts.deciding.guards import locked_contract
from contracts.models import Contract
from contracts.wording.formats import day_text
from portal.audit.record import record
from portal.organisations.models import User


@transaction.atomic
def complete_registration(
    contract: Contract, staff: User, at: datetime, *, account_details: str = ""
) -> Contract:
    """Complete the registration that forms the contract; the account details go out by e-mail.

    They are kept there alone, encrypted, until some days after they went out (portal/outbox/keeping.py).
    ValidationError where the terms form contracts otherwise, before acceptance, or the second time.
    """
    current = locked_contract(contract)
    if current.formation_version.policy.formation.formed_by != "registration":
        raise ValidationError(_("These terms don't form contracts by registration."), code="not_provided")
    _ensure_accepted(current)
    if current.registered_at:
        raise ValidationError(_("The registration was already completed."), code="already_done")
    current.registered_at = at
    update_formation(current)
    mail.contract_registered(current.pk, account_details)
    record("contract.registered", staff, current, at=at)
    return current


@transaction.atomic
def issue_activation_notice(contract: Contract, staff: User, start_on: date, at: datetime) -> Contract:
    """Issue the activation notice (開通通知書) that names the day on which service starts.

    ValidationError (`start_on`) where the terms know no such notice, before formation and acceptance, the
    second time, or for a day before formation or after the contract's end.
    """
    current = locked_contract(contract)
    if current.formation_version.policy.formation.service_start.rule != "activation_notice":
        raise ValidationError(_("These terms know no activation notice."), code="not_provided")
    _ensure_accepted(current)
    if current.activation_start_on:
        raise ValidationError(_("The activation notice was already issued."), code="already_done")
    _check_start(current, start_on)
    current.activation_start_on = start_on
    update_formation(current)
    letters.on_activation(current, at)
    mail.activation_notice(current.pk)
    record("contract.activation_notice_issued", staff, current, start_on=start_on, at=at)
    return current


def _ensure_accepted(contract: Contract) -> None:
    if contract.accepted_at is None:
        raise ValidationError(_("Accept the application first."), code="not_accepted")


def _check_start(contract: Contract, start_on: date) -> None:
    if contract.formed_on is None:
        raise ValidationError(_("The contract is not formed yet."), code="not_formed")
    if start_on < contract.formed_on:
        message = _("The contract was formed on %(day)s; service can't start before.")
        raise ValidationError({"start_on": message % {"day": day_text(contract.formed_on)}})
    if contract.ends_on and start_on > contract.ends_on:
        message = _("The contract ends on %(day)s; service can't start after that.")
        raise ValidationError({"start_on": message % {"day": day_text(contract.ends_on)}})
