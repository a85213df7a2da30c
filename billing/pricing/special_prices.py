"""Prices of single contracts (特別価格)."""

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.differences.marks import fact_changed
from billing.models import Invoice, SpecialPrice
from contracts.lifecycle.minimum_terms.rest_again import reckon_rest_again
from contracts.models import Contract
from contracts.models.limits import ensure_amount
from contracts.policies.rulebooks import version_in_force
from contracts.rules.calendar.period import Month
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.audit.record import record
from portal.organisations.acting import ensure_no_own_cause
from portal.organisations.models import User

SPECIAL_PRICE, SPECIAL_PRICE_END = "special_price", "special_price_end"
"""The kinds of proposals that these operations carry out."""


@transaction.atomic
def set_special_price(
    contract: Contract,
    product: str,
    unit_price: int,
    starts_on: date,
    reason: str,
    staff: User,
    *,
    ends_on: date | None = None,
    now: datetime | None = None,
    approval: Proposal | None = None,
) -> SpecialPrice:
    """Let a contract pay its own unit price for a product, in yen without tax, from a day on.

    A price that holds without end until then ends the day before. Raises ValidationError without the approval
    of a second person (`second_person`), for a product that the terms do not know, days that another special
    price covers, where a month that the new price or the end of the one before touches is invoiced already,
    or for staff's own organisation (`own_request`).
    """
    ensure_second_person(approval, SPECIAL_PRICE)
    ensure_no_own_cause(staff, contract.organisation)
    ensure_amount(unit_price, "unit_price")
    locked = Contract.objects.select_for_update().get(pk=contract.pk)
    if problems := _problems(locked, product, unit_price, starts_on, ends_on, reason):
        raise ValidationError(problems)
    _make_room(locked, product, starts_on, ends_on)
    price = SpecialPrice.objects.create(
        contract=locked,
        product=product,
        unit_price=unit_price,
        starts_on=starts_on,
        ends_on=ends_on,
        reason=reason.strip(),
        set_at=now or timezone.now(),
        set_by=staff,
    )
    fact_changed(locked.pk)
    reckon_rest_again(Contract.objects.filter(pk=locked.pk), price.set_at)
    record(
        "special_price.set",
        staff,
        locked,
        special_price=price.pk,
        product=product,
        unit_price=unit_price,
        starts_on=starts_on,
        ends_on=ends_on,
        personal={"reason": price.reason},
    )
    return price


def _problems(
    contract: Contract, product: str, unit_price: int, starts_on: date, ends_on: date | None, reason: str
) -> dict[str, str]:
    """Why a price can't be set, by the names of the fields."""
    problems: dict[str, str] = {}
    if unit_price < 0:
        problems["unit_price"] = _("Enter an amount of 0 yen or more.")
    if not reason.strip():
        problems["reason"] = _("Please give the reason.")
    if ends_on and ends_on < starts_on:
        problems["ends_on"] = _("The last day cannot come before the first.")
    version = version_in_force(contract.service, starts_on)
    if version is None or product not in {known.key for known in version.policy.products}:
        problems["product"] = _("The terms of that day do not know this product.")
    without_end = _others(contract, product).filter(ends_on__isnull=True, starts_on__lt=starts_on)
    if _invoiced(contract, starts_on, None if without_end.exists() else ends_on):
        problems["starts_on"] = _(
            "A month from this day on is invoiced already. Return the difference instead."
        )
    return problems


@transaction.atomic
def end_special_price(
    price: SpecialPrice, ends_on: date, staff: User, *, approval: Proposal | None = None
) -> SpecialPrice:
    """Let a special price hold through a last day, at the earliest that of the last invoiced month.

    ValidationError without the approval of a second person (`second_person`), for a day before it starts,
    after its end, or before invoiced months.
    """
    ensure_second_person(approval, SPECIAL_PRICE_END)
    locked = SpecialPrice.objects.select_for_update().select_related("contract").get(pk=price.pk)
    ensure_no_own_cause(staff, locked.contract.organisation)
    if ends_on < locked.starts_on:
        raise ValidationError({"ends_on": _("The last day cannot come before the first.")})
    if locked.ends_on and ends_on > locked.ends_on:
        raise ValidationError({"ends_on": _("The price ends before that day already.")})
    if _invoiced(locked.contract, ends_on + timedelta(days=1)):
        raise ValidationError({"ends_on": _("A month after this day is invoiced already.")})
    before, locked.ends_on = locked.ends_on, ends_on
    locked.save(update_fields=["ends_on"])
    fact_changed(locked.contract_id)
    reckon_rest_again(Contract.objects.filter(pk=locked.contract_id), timezone.now())
    record(
        "special_price.ended",
        staff,
        locked.contract,
        special_price=locked.pk,
        product=locked.product,
        ends_on=ends_on,
        before={"ends_on": before},
    )
    return locked


def _make_room(contract: Contract, product: str, starts_on: date, ends_on: date | None) -> None:
    """End the price that holds without end; refuse what would overlap."""
    others = _others(contract, product)
    others.filter(ends_on__isnull=True, starts_on__lt=starts_on).update(ends_on=starts_on - timedelta(days=1))
    covered = others.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on))
    if ends_on:
        covered = covered.filter(starts_on__lte=ends_on)
    if covered.exists():
        raise ValidationError(
            {"starts_on": _("Another special price of this product covers some of these days.")}
        )


def _others(contract: Contract, product: str) -> QuerySet[SpecialPrice]:
    return SpecialPrice.objects.filter(contract=contract, product=product)


def _invoiced(contract: Contract, day: date, last_day: date | None = None) -> bool:
    """Whether the month of a day, or a later one up to that of a last day, is invoiced."""
    invoices = Invoice.objects.charging().filter(contract=contract, month__gte=Month.of(day).first)
    return (invoices.filter(month__lte=last_day) if last_day else invoices).exists()
