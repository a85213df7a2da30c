"""What a contract states of its customer: by what that is called, where it is, and whom to call."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contracts.deciding.guards import locked_contract
from contracts.models import Contract, ContractParticular
from contracts.policies.rulebooks import governing_version
from contracts.rules.calendar.period import japan_date
from contracts.rules.policy.particulars import OF_CONTACTS, PHONES
from contracts.rules.policy.schema import Policy
from portal.audit.record import record
from portal.organisations.acting import ensure_no_own_cause
from portal.organisations.models import User

CONTACTS: tuple[str, ...] = (*OF_CONTACTS, *PHONES)
"""What can be entered so."""


def keep_stated(contract: Contract, keys: Iterable[str], on: date) -> None:
    """Let a contract go on stating what it states of its customer, when the customer itself changes that.

    Of what neither the application nor a report has stated, a contract states what its organisation does. It
    is kept as dated facts from the day on which the customer became its customer. Runs inside the caller's
    transaction.
    """
    organisation, stated = contract.organisation, contract.particulars_on(on)
    since = max(
        (party.starts_on for party in contract.parties.all() if party.starts_on <= on),
        default=contract.formed_on or japan_date(contract.applied_at),
    )
    ContractParticular.objects.bulk_create(
        ContractParticular(contract=contract, key=key, value=str(getattr(organisation, key)), starts_on=since)
        for key in keys
        if not stated.get(key) and getattr(organisation, key)
    )


@transaction.atomic
def enter_contacts(contract: Contract, stated: Mapping[str, str], staff: User, at: datetime) -> Contract:
    """Let a contract state contacts from the day of `at` on; what it stated before that day stays as it was.

    `stated` are texts by the keys of `CONTACTS`; an empty one takes a contact away. ValidationError, by these
    keys, for what the terms don't ask for and for what they require; for a contract that has ended (`ended`);
    and for one of the staff's own organisation (`own_request`).
    """
    current, today = locked_contract(contract), japan_date(at)
    ensure_no_own_cause(staff, current.organisation)
    if current.ends_on and current.ends_on < today:
        raise ValidationError(_("This contract has ended; its contacts are needed no longer."), "ended")
    before = current.particulars_on(today)
    changed = {
        key: value
        for key in CONTACTS
        if (value := stated.get(key)) is not None and value != before.get(key, "")
    }
    _ensure_asked_for(governing_version(current, today).policy, changed)
    if not changed:
        return current
    ContractParticular.objects.bulk_create(
        ContractParticular(contract=current, key=key, value=value, starts_on=today)
        for key, value in changed.items()
    )
    told = {key: {"before": before.get(key, ""), "after": value} for key, value in changed.items()}
    record("contract.contacts_entered", staff, current, personal={"particulars": told})
    return current


def _ensure_asked_for(policy: Policy, changed: Mapping[str, str]) -> None:
    asked: dict[str, bool] = {field.key: field.required for field in policy.application.fields}
    problems = {}
    for key, value in changed.items():
        if value and key not in asked:
            problems[key] = _("The contract doesn't state this.")
        elif not value and asked.get(key):
            problems[key] = _("Enter this; the terms require it.")
    if problems:
        raise ValidationError(problems)
