"""What is stated of a provider: its name, address, registration number and account, from a day on."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from contracts.models import Provider, ProviderParticulars
from contracts.wording.formats import day_text
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.audit.record import record
from portal.organisations.models import User

PARTICULARS, PARTICULARS_WITHDRAWAL = "particulars", "particulars_withdrawal"
"""The kinds of proposals that change what is stated of a provider, and that withdraw a coming change."""

STATED = (
    "name",
    "name_en",
    "registration_number",
    "postal_code",
    "address",
    "phone",
    "email",
    "hours",
    "bank_account",
    "payment_note",
)


def begin_particulars(provider: Provider, values: Mapping[str, Any]) -> ProviderParticulars:
    """Store the first particulars, which hold from ever, in the transaction that makes the provider."""
    first = ProviderParticulars(provider=provider, starts_on=None, **values)
    first.full_clean()
    first.save()
    return first


@transaction.atomic
def change_particulars(
    provider: Provider,
    starts_on: date,
    values: Mapping[str, Any],
    staff: User,
    *,
    approval: Proposal | None = None,
) -> ProviderParticulars:
    """Store what is stated of a provider from a day on; `values` are all of `STATED`.

    Documents issued before stay as they are. A registration number may begin on a day that has passed: it may
    hold before the tax office has told it (消費税法57条の2); nothing else may. ValidationError without the
    approval of a second person (`second_person`), at the field for a day not after the last change, for a
    number not of the provider, and where nothing changes.
    """
    ensure_second_person(approval, PARTICULARS)
    locked = Provider.issuers.select_for_update(of=("self",)).get(pk=provider.pk)
    last = locked.particulars.all()[0]
    stored = ensure_changeable(locked, starts_on, values)
    stored.save()
    record(
        "provider.changed",
        staff,
        locked,
        starts_on=starts_on.isoformat(),
        **{name: {"before": getattr(last, name), "after": values[name]} for name in _changed(last, values)},
    )
    return stored


def ensure_changeable(provider: Provider, starts_on: date, values: Mapping[str, Any]) -> ProviderParticulars:
    """What `change_particulars` would store, not stored yet. Raises as it does."""
    last = provider.particulars.all()[0]
    _ensure_in_order(last, starts_on, _changed(last, values))
    _ensure_its_number(provider, values["registration_number"])
    found = ProviderParticulars(provider=provider, starts_on=starts_on, **values)
    found.full_clean()
    return found


def _changed(last: ProviderParticulars, values: Mapping[str, Any]) -> list[str]:
    return [name for name in STATED if getattr(last, name) != values[name]]


@transaction.atomic
def withdraw_particulars(
    particulars: ProviderParticulars, staff: User, *, approval: Proposal | None = None
) -> None:
    """Delete particulars that have not begun.

    ValidationError without the approval of a second person (`second_person`), for what holds, or was
    withdrawn already.
    """
    ensure_second_person(approval, PARTICULARS_WITHDRAWAL)
    found = ProviderParticulars.objects.select_for_update().filter(pk=particulars.pk).first()
    if found is None or not is_planned(found):
        raise ValidationError(_("Only a change that has not taken effect yet can be withdrawn."))
    record("provider.change_withdrawn", staff, found.provider, starts_on=str(found.starts_on))
    found.delete()


def is_planned(particulars: ProviderParticulars) -> bool:
    """Whether particulars have not begun, so that no document can rest on them."""
    return particulars.starts_on is not None and particulars.starts_on > localdate()


def _ensure_in_order(last: ProviderParticulars, starts_on: date, changed: list[str]) -> None:
    if not changed:
        raise ValidationError(_("Nothing differs from what is stored last. Change what is to be different."))
    if last.starts_on and starts_on <= last.starts_on:
        text = _("The last change is that of %(day)s. Enter a later day, or withdraw that change first.")
        raise ValidationError({"starts_on": text % {"day": day_text(last.starts_on)}})
    if starts_on < localdate() and changed != ["registration_number"]:
        text = _(
            "Only the registration number can begin on a day that has passed. Enter today or a later day."
        )
        raise ValidationError({"starts_on": text})


def _ensure_its_number(provider: Provider, number: str) -> None:
    """A corporation's registration number is T and its corporate number (消費税法基本通達1-7-2)."""
    if number and provider.corporate_number and number != f"T{provider.corporate_number}":
        text = _("The registration number of this corporation can only be T%(number)s.")
        raise ValidationError({"registration_number": text % {"number": provider.corporate_number}})
    if not number and not provider.corporate_number:
        text = _(
            "Without a registration number e-invoices need a corporate number, and this provider has none."
        )
        raise ValidationError({"registration_number": text})
