"""Storing what was decided: an amount that waits for the invoice that will state it."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.calculation.tax import Treatment
from billing.models import Adjustment, Invoice
from contracts.models import Contract, TermsVersion
from contracts.models.fields import in_each_language
from contracts.models.limits import ensure_amount
from contracts.policies.rulebooks import Rulebooks
from contracts.rules.calendar.period import Month
from contracts.rules.decision import Decision
from contracts.rules.policy.charging import DueOfOneOff
from contracts.rules.stored import to_stored
from portal.audit.record import record
from portal.organisations.acting import ensure_no_own_cause
from portal.organisations.models import User

Kind = Adjustment.Kind


@transaction.atomic
def decide(
    contract: Contract,
    kind: Adjustment.Kind,
    month: Month,
    amount: int,
    tax: Treatment,
    decision: Decision,
    version: TermsVersion,
    staff: User | None,
    now: datetime | None,
    *,
    names: dict[str, str] | None = None,
    reason: str = "",
    origin: Invoice | None = None,
    once_key: str = "",
    due_on: date | None = None,
) -> Adjustment:
    """Store a decided amount in yen without tax, which waits for the contract's next invoice from `month` on.

    ValidationError if the same was decided before (`once_key`), or if it is more than one amount can be (code
    `too_large`), and for a contract of the staff's own organisation (`own_request`).
    """
    ensure_no_own_cause(staff, contract.organisation)
    ensure_amount(amount)
    try:
        with transaction.atomic():
            adjustment = Adjustment.objects.create(
                contract=contract,
                kind=kind,
                names=names or in_each_language(kind.label),
                month=month.first,
                amount=amount,
                tax=tax,
                terms_version=version,
                articles=list(decision.articles),
                decision=to_stored(decision),
                reason=reason.strip(),
                once_key=once_key,
                due_on=due_on,
                decided_at=now or timezone.now(),
                decided_by=staff,
                origin=origin,
            )
    except IntegrityError as twice:
        raise ValidationError(_("This was decided already. Nothing was added.")) from twice
    record(
        "adjustment.decided",
        staff,
        contract,
        adjustment=adjustment.pk,
        kind=str(kind),
        amount=amount,
        month=str(month),
        contract=contract.number,
    )
    return adjustment


def version_on(contract: Contract, day: date) -> TermsVersion:
    version = Rulebooks().in_force_for(contract, day)
    if version is None:
        raise ValidationError(_("No terms of the service are in force on that day."))
    return version


def ensure_positive(amount: int, field: str) -> None:
    """ValidationError on the field for less than 1 yen, or more than one amount can be."""
    if amount < 1:
        raise ValidationError({field: _("Enter an amount of 1 yen or more.")})
    ensure_amount(amount, field)


def ensure_day_may_be_set(due_on: date | None, due: DueOfOneOff, today: date) -> None:
    """ValidationError (`due_on`) for a set due day that is past, or where the terms let none be set."""
    if due_on is None:
        return
    if due != "day_set":
        raise ValidationError({"due_on": _("The terms let no day be set: it is due with the next invoice.")})
    if due_on < today:
        raise ValidationError({"due_on": _("This day is past.")})
