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
from contracts.publishing.particulars import STATED, change_particulars, ensure_changeable, is_planned
from contracts.rules.policy.base import Strict
from contracts.wording.formats import day_text
from contracts.wording.particulars import account_text
from portal.approvals.kinds import Kind, Line, Subject
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

    @property
    def values(self) -> dict[str, Any]:
        """All that is stated, by the names of the model's fields."""
        return self.model_dump(include=set(STATED))


def _provider(wanted: ParticularsChangeData) -> Provider:
    return Provider.objects.get(code=wanted.provider)


def _subject(wanted: ParticularsChangeData) -> Subject:
    provider = _provider(wanted)
    return Subject(about=provider, name=provider.name, provider=provider.code)


def _lines(wanted: ParticularsChangeData) -> Iterator[Line]:
    provider = _provider(wanted)
    ensure_changeable(provider, wanted.starts_on, wanted.values)
    last = provider.particulars.all()[0]
    yield Line(
        gettext("Holds from"), day_text(last.starts_on) if last.starts_on else "", day_text(wanted.starts_on)
    )
    for name in STATED:
        before, after = _said(getattr(last, name)), _said(wanted.values[name])
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
