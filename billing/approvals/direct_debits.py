"""Requests to the bank to debit customers, as proposals to a second person."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext, ngettext, override
from django.utils.translation import gettext_lazy as _

from billing.approvals.payouts import account_text
from billing.models import BankAccount, DebitMandate, DirectDebitBatch
from billing.receivables.direct_debits import DIRECT_DEBIT as DIRECT_DEBIT_KEY
from billing.receivables.direct_debits import preview_debit, request_debit
from contracts.rules.policy.base import Strict
from contracts.wording.formats import day_text, yen_text
from portal.approvals.kinds import Kind, Line, Subject
from portal.approvals.models import Proposal

SHOWN = 200
"""So many debits are lines of their own; a hash stands for all where there are more."""


class DirectDebitData(Strict):
    """A request of what is due on a day, to the bank of a provider's account, by its key."""

    account: int
    debit_on: date


def _account(wanted: DirectDebitData) -> BankAccount:
    return BankAccount.objects.select_related("provider").get(pk=wanted.account)


def _subject(wanted: DirectDebitData) -> Subject:
    account = _account(wanted)
    return Subject(about=account, name=str(account), provider=account.provider.kept_by.code)


def _lines(wanted: DirectDebitData) -> Iterator[Line]:
    asked = preview_debit(_account(wanted), wanted.debit_on).lines
    return _lines_of(
        [_debit(invoice, mandate, invoice.to_come) for invoice, mandate in asked],
        sum(invoice.to_come for invoice, _mandate in asked),
        wanted.debit_on,
    )


def _debit(invoice: Any, mandate: DebitMandate, amount: int) -> Line:
    """What is debited of whom, and where."""
    account = account_text(
        mandate.bank_code, mandate.branch_code, mandate.account_kind, mandate.account_number, mandate.holder
    )
    return Line(f"{invoice.number} {invoice.organisation.name}", "", f"{yen_text(amount)} {account}")


def _lines_of(debits: Sequence[Line], total: int, debit_on: date) -> Iterator[Line]:
    yield Line(gettext("Debit day"), "", day_text(debit_on))
    yield Line(gettext("Invoices"), "", str(len(debits)))
    yield Line(gettext("Total"), "", yen_text(total))
    yield from debits[:SHOWN]
    if len(debits) > SHOWN:
        yield Line(gettext("Hash of all debits"), "", _digest(debits))


def _digest(debits: Iterable[Line]) -> str:
    stated = json.dumps([asdict(debit) for debit in debits], sort_keys=True)
    return hashlib.sha256(stated.encode()).hexdigest()


def _lines_in(batch: DirectDebitBatch) -> Iterator[Line]:
    """The lines of a request as it was made."""
    stored = batch.lines.select_related("invoice__organisation", "mandate").order_by("sequence")
    asked = list(stored)
    debits = [_debit(line.invoice, line.mandate, line.amount) for line in asked]
    return _lines_of(debits, sum(line.amount for line in asked), batch.debit_on)


def _request(wanted: DirectDebitData, approval: Proposal, at: datetime) -> str:
    batch = request_debit(_account(wanted), wanted.debit_on, approval.proposed_by, approval=approval)
    with override("ja"):
        held = [asdict(line) for line in _lines_in(batch)]
    if held != approval.lines:
        text = gettext("An invoice or a mandate changed at the same moment. Please try again.")
        raise ValidationError(text, "changed")
    count = batch.lines.count()
    text = ngettext(
        "The request for %(day)s holds %(count)s invoice. Download it and send it to the bank.",
        "The request for %(day)s holds %(count)s invoices. Download it and send it to the bank.",
        count,
    )
    return text % {"day": day_text(batch.debit_on), "count": count}


DIRECT_DEBIT = Kind(
    key=DIRECT_DEBIT_KEY,
    label=_("Request for direct debits"),
    data=DirectDebitData,
    right="billing.change_directdebitbatch",
    subject=_subject,
    lines=_lines,
    carry_out=_request,
    form=lambda wanted: reverse("admin:billing_directdebitbatch_request_debit"),
)
