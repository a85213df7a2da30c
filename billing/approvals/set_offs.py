"""Setting a customer's credit off against its open invoices, as a proposal to a second person."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime
from typing import cast

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from billing.documents.letters import SetOffDocument
from billing.models import CreditBalance
from billing.receivables.set_offs import SET_OFF as SET_OFF_KEY
from billing.receivables.set_offs import drafted_set_off, set_off
from contracts.rules.policy.base import Strict
from contracts.wording.formats import day_text, yen_text
from portal.approvals.kinds import Kind, Line, Subject
from portal.approvals.models import Proposal


class SetOffData(Strict):
    """Credit, by the key of its balance, set off on a day against invoices by their numbers; none: all."""

    balance: int
    on: date
    invoices: list[str] = []


def _balance(wanted: SetOffData) -> CreditBalance:
    return CreditBalance.objects.select_related("organisation", "provider").get(pk=wanted.balance)


def _subject(wanted: SetOffData) -> Subject:
    balance = _balance(wanted)
    return Subject(
        about=balance,
        name=balance.organisation.name,
        provider=balance.provider.kept_by.code,
        organisation=balance.organisation,
    )


def _lines(wanted: SetOffData) -> Iterator[Line]:
    return _lines_of(drafted_set_off(_balance(wanted), wanted.on, wanted.invoices))


def _lines_of(document: SetOffDocument) -> Iterator[Line]:
    """What a statement says: what of which invoice counts as paid on what day, and what is left."""
    yield Line(gettext("Day of the set-off"), "", day_text(date.fromisoformat(document["issued_on"])))
    for item in document["items"]:
        unpaid, on = item["open_before"], day_text(date.fromisoformat(item["effective_on"]))
        label = gettext("Open of %(number)s, from %(day)s on") % {"number": item["number"], "day": on}
        yield Line(label, yen_text(unpaid), yen_text(unpaid - item["amount"]))
    free = gettext("Free credit")
    yield Line(free, yen_text(document["credit_before"]), yen_text(document["credit_after"]))


def _set_off(wanted: SetOffData, approval: Proposal, at: datetime) -> str:
    staff = approval.proposed_by
    stored = set_off(_balance(wanted), wanted.on, staff, wanted.invoices, approval=approval)
    with override("ja"):
        done = [asdict(line) for line in _lines_of(cast(SetOffDocument, stored.document))]
    if done != approval.lines:
        text = gettext("The credit or an invoice changed at the same moment. Please try again.")
        raise ValidationError(text, "changed")
    return gettext("%(amount)s is set off. The statement lies among the set-offs.") % {
        "amount": yen_text(stored.amount)
    }


SET_OFF = Kind(
    key=SET_OFF_KEY,
    label=_("Set-off of credit"),
    data=SetOffData,
    right="billing.change_creditbalance",
    subject=_subject,
    lines=_lines,
    carry_out=_set_off,
    form=lambda wanted: reverse("admin:billing_creditbalance_set_off", args=[wanted.balance]),
)
