"""Storing what was decided: an amount that waits for the invoice that will state it."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.calculation.tax import Treatment
from billing.models import Adjustment, Invoice
from contracts.models import Contract, TermsVersion
from contracts.operations.rulebooks import version_in_force
from contracts.rules.decision import Decision
from contracts.rules.period import Month
from portal.audit.record import record
from portal.organisations.models import User

Kind = Adjustment.Kind
NAMES: dict[str, dict[str, str]] = {
    Kind.SURCHARGE: {"ja": "割増金", "en": "Surcharge"},
    Kind.LATE_INTEREST: {"ja": "延滞利息", "en": "Late interest"},
    Kind.OUTAGE_CREDIT: {"ja": "障害による減額", "en": "Outage credit"},
    Kind.DAMAGES: {"ja": "損害賠償金", "en": "Damages"},
    Kind.DEPOSIT: {"ja": "利用保証金", "en": "Deposit"},
}


class Entered(Decision):
    """Steps around an amount that was entered or summed up."""


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
    facts: dict[str, Any] | None = None,
) -> Adjustment:
    """Store a decided amount in yen without tax, which waits for the contract's next invoice from `month` on.

    `facts` are kept with the decision. ValidationError if the same was decided before (`once_key`).
    """
    try:
        with transaction.atomic():
            adjustment = Adjustment.objects.create(
                contract=contract,
                kind=kind,
                names=names or NAMES[kind],
                month=month.first,
                amount=amount,
                tax=tax,
                terms_version=version,
                articles=list(decision.articles),
                decision={**decision.to_json(), **(facts or {})},
                reason=reason.strip(),
                once_key=once_key,
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
        kind=str(kind),
        amount=amount,
        month=str(month),
        contract=contract.number,
    )
    return adjustment


def named_for(kind: Adjustment.Kind, number: str) -> dict[str, str]:
    """A name that says for which invoice."""
    return {"ja": f"{NAMES[kind]['ja']}（{number}）", "en": f"{NAMES[kind]['en']} ({number})"}


def version_on(contract: Contract, day: date) -> TermsVersion:
    version = version_in_force(contract.service, day)
    if version is None:
        raise ValidationError(_("No terms of the service are in force on that day."))
    return version


def ensure_positive(amount: int, field: str) -> None:
    if amount < 1:
        raise ValidationError({field: _("Enter an amount of 1 yen or more.")})
