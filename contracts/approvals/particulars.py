"""What documents state of a provider, its bank account among it, as a proposal to a second person."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.contrib.admin.utils import label_for_field
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contracts.models import Provider, ProviderParticulars
from contracts.publishing.particulars import PARTICULARS as PARTICULARS_KEY
from contracts.publishing.particulars import PARTICULARS_WITHDRAWAL as WITHDRAWAL_KEY
from contracts.publishing.particulars import (
    STATED,
    change_particulars,
    ensure_changeable,
    is_planned,
    withdraw_particulars,
)
from contracts.rules.policy.base import Strict
from contracts.wording.formats import day_text
from contracts.wording.particulars import account_text
from portal.approvals.kinds import Kind, Line, OvertakenError, Subject
from portal.approvals.models import Proposal


class ParticularsChangeData(Strict):
    """What is stated of a provider, named by its code, from a day on."""

    provider: str
    starts_on: date
    name: str
    name_en: str
    registration_number: str
    postal_code: str
    address: str
    phone: str
    email: str
    bank_account: dict[str, str]
    payment_note: str = ""
    hours: str = ""

    @property
    def values(self) -> dict[str, Any]:
        """All that is stated, by the names of the model's fields."""
        return self.model_dump(include=set(STATED))


def _provider(wanted: ParticularsChangeData) -> Provider:
    return Provider.issuers.get(code=wanted.provider)


def _subject(wanted: ParticularsChangeData) -> Subject:
    provider = _provider(wanted)
    return Subject(about=provider, name=provider.name, provider=provider.kept_by.code)


def _lines(wanted: ParticularsChangeData) -> Iterator[Line]:
    provider = _provider(wanted)
    ensure_changeable(provider, wanted.starts_on, wanted.values)
    last = provider.particulars.all()[0]
    yield Line(gettext("Holds from"), _since(last), day_text(wanted.starts_on))
    yield from _differences(_stated(last), wanted.values)


def _since(particulars: ProviderParticulars) -> str:
    return day_text(particulars.starts_on) if particulars.starts_on else ""


def _stated(particulars: ProviderParticulars) -> dict[str, Any]:
    return {name: getattr(particulars, name) for name in STATED}


def _differences(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Line]:
    for name in STATED:
        before, after = _said(old[name]), _said(new[name])
        if before != after:
            yield Line(str(label_for_field(name, ProviderParticulars)), before, after)


def _said(value: Any) -> str:
    return account_text(value) if isinstance(value, dict) else str(value)


def _change(wanted: ParticularsChangeData, approval: Proposal, at: datetime) -> str:
    stored = change_particulars(
        _provider(wanted), wanted.starts_on, wanted.values, approval.proposed_by, approval=approval
    )
    told = gettext("Documents state this from %(day)s on.") % {"day": day_text(wanted.starts_on)}
    if not is_planned(stored):
        return told
    return told + " " + gettext("Until then it can be withdrawn.")


def _entered(wanted: ParticularsChangeData) -> dict[str, Any]:
    account = {f"account_{part}": value for part, value in wanted.bank_account.items()}
    return {**wanted.model_dump(exclude={"provider", "bank_account"}), **account}


PARTICULARS = Kind(
    key=PARTICULARS_KEY,
    label=_("What documents state of a provider"),
    data=ParticularsChangeData,
    right="contracts.change_provider",
    subject=_subject,
    lines=_lines,
    carry_out=_change,
    form=lambda wanted: reverse("admin:contracts_provider_change_stated", args=[_provider(wanted).pk]),
    entered=_entered,
)


class ParticularsWithdrawalData(Strict):
    """A coming change of what is stated of a provider, by its key, that is not to take effect."""

    provider: str
    particulars: int


def _withdrawn(wanted: ParticularsWithdrawalData) -> ProviderParticulars:
    found = ProviderParticulars.objects.filter(pk=wanted.particulars, provider__code=wanted.provider).first()
    if found is None or not is_planned(found):
        raise OvertakenError(gettext("Only a change that has not taken effect yet can be withdrawn."))
    return found


def _withdrawal_subject(wanted: ParticularsWithdrawalData) -> Subject:
    provider = _withdrawn(wanted).provider
    return Subject(about=provider, name=provider.name, provider=provider.kept_by.code)


def _withdrawal_lines(wanted: ParticularsWithdrawalData) -> Iterator[Line]:
    coming = _withdrawn(wanted)
    kept = coming.provider.particulars.exclude(pk=coming.pk)[0]
    yield Line(gettext("Holds from"), _since(coming), _since(kept))
    yield from _differences(_stated(coming), _stated(kept))


def _withdraw(wanted: ParticularsWithdrawalData, approval: Proposal, at: datetime) -> str:
    withdraw_particulars(_withdrawn(wanted), approval.proposed_by, approval=approval)
    return gettext("The coming change is withdrawn.")


def _withdrawal_form(wanted: ParticularsWithdrawalData) -> str:
    provider = Provider.issuers.get(code=wanted.provider)
    return reverse("admin:contracts_provider_withdraw_change", args=[provider.pk])


PARTICULARS_WITHDRAWAL = Kind(
    key=WITHDRAWAL_KEY,
    label=_("Withdrawal of a coming change of what documents state"),
    data=ParticularsWithdrawalData,
    right="contracts.change_provider",
    subject=_withdrawal_subject,
    lines=_withdrawal_lines,
    carry_out=_withdraw,
    form=_withdrawal_form,
)
