"""Direct debits: the request to the bank for what is due on a day, and what the bank answers."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from billing.calculation.bank_days import banks_are_open
from billing.correspondence.debit_mails import NEEDS_NEW_MANDATE, tell_of_failed
from billing.documents.bank_files.accounts import Account
from billing.documents.bank_files.charset import ENCODING
from billing.documents.bank_files.direct_debit import Debit, DebitFile, read_debits, write_debits
from billing.documents.bank_files.problems import BankFileError
from billing.models import (
    BankAccount,
    CreditEntry,
    DebitMandate,
    DirectDebitBatch,
    DirectDebitLine,
    Invoice,
    Payment,
)
from billing.models.bank import AccountFields
from billing.receivables.bank.file_texts import file_problems
from billing.receivables.bank.reading import read_bank_file
from billing.receivables.credits import book, locked_balance
from billing.receivables.held import held_by_invoice, receive
from billing.receivables.open_items import Terms, open_invoices
from contracts.wording.formats import day_text
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.audit.record import record
from portal.organisations.models import User

DIRECT_DEBIT = "direct_debit"
"""The kind of proposal that makes a request file."""

_FIRST, _LATER = "1", "0"
_OF_INVOICE = (
    "invoice__provider",
    "invoice__debtor",
    "invoice__contract__application",
    "invoice__contract__organisation",
)


@dataclass
class DebitPreview:
    """What a request for a day would hold: invoices with their mandates, and those that have none.

    Of an invoice is asked for what is `to_come`: what is open and not kept for it already. `again` are the
    primary keys of those that the bank could not debit before, `missed` of those that were due earlier and
    were never asked for.
    """

    lines: list[tuple[Any, DebitMandate]] = field(default_factory=list)
    without_mandate: list[Any] = field(default_factory=list)
    again: set[int] = field(default_factory=set)
    missed: set[int] = field(default_factory=set)

    @property
    def total(self) -> int:
        return sum(invoice.to_come for invoice, _mandate in self.lines)


def preview_debit(account: BankAccount, debit_on: date) -> DebitPreview:
    """What is due by a day by direct debit, and not asked for yet or not paid.

    The day is the invoices' due date, which the policy's calendars moved already. What was missed then, for
    want of a mandate say, or failed, is asked for on the next day that debits anything, once its reason has
    gone: a debit for which no account or no mandate was found, or that the holder stopped, needs a new
    mandate first.
    """
    preview = DebitPreview()
    theirs = Invoice.objects.filter(provider=account.provider_id, document__payment_method="debit")
    waiting = DirectDebitLine.objects.filter(invoice=OuterRef("pk"), result="")
    failed = DirectDebitLine.objects.filter(invoice=OuterRef("pk")).order_by("-pk")
    due = theirs.filter(due_on__lte=debit_on).annotate(
        failed_with=Subquery(failed.values("result")[:1]),
        failed_mandate=Subquery(failed.values("mandate")[:1]),
    )
    invoices = list(open_invoices(due).filter(~Exists(waiting)))
    mandates = DebitMandate.objects.filter(
        provider=account.provider_id,
        organisation__in={invoice.debtor_id for invoice in invoices},
        ended_on__isnull=True,
    )
    kept = held_by_invoice({invoice.debtor_id for invoice in invoices})
    by_organisation = {mandate.organisation_id: mandate for mandate in mandates}
    for invoice in invoices:
        invoice.to_come = invoice.open_amount - kept.get(invoice.pk, 0)
        mandate = by_organisation.get(invoice.debtor_id)
        needs_new = invoice.failed_with in NEEDS_NEW_MANDATE
        if mandate is None or (needs_new and invoice.failed_mandate == mandate.pk):
            preview.without_mandate.append(invoice)
            continue
        preview.lines.append((invoice, mandate))
        if invoice.failed_with:
            preview.again.add(invoice.pk)
        elif invoice.due_on < debit_on:
            preview.missed.add(invoice.pk)
    return preview


@transaction.atomic
def request_debit(
    account: BankAccount, debit_on: date, staff: User | None = None, *, approval: Proposal | None = None
) -> DirectDebitBatch:
    """Make the request file for a day. Each invoice is asked for once at a time.

    ValidationError without the approval of a second person (`second_person`), for a day that is past or on
    which banks are closed, an account without a consignor code, a request for the day that still waits for
    its results, when nothing is due, or when something can't be written in a bank file.
    """
    ensure_second_person(approval, DIRECT_DEBIT)
    locked = BankAccount.objects.select_for_update().get(pk=account.pk)
    if debit_on <= localdate():
        raise ValidationError({"debit_on": _("The bank needs the file before the day: choose a later one.")})
    if not banks_are_open(debit_on):
        raise ValidationError({"debit_on": _("Banks are closed on that day: choose another one.")})
    if not locked.consignor_code:
        raise ValidationError(_("The account has no consignor code: the bank gives one for direct debits."))
    if locked.debit_batches.filter(debit_on=debit_on, status=DirectDebitBatch.Status.REQUESTED).exists():
        text = _("There is a request for %(day)s that waits for its results.")
        raise ValidationError({"debit_on": text % {"day": day_text(debit_on)}})
    preview = preview_debit(locked, debit_on)
    if not preview.lines:
        text = _("Nothing is due by direct debit on %(day)s.")
        raise ValidationError({"debit_on": text % {"day": day_text(debit_on)}})
    content = _request(locked, debit_on, preview)
    batch = DirectDebitBatch.objects.create(
        account=locked,
        debit_on=debit_on,
        request=content.decode(ENCODING),
        requested_at=timezone.now(),
        requested_by=staff,
    )
    DirectDebitLine.objects.bulk_create(
        DirectDebitLine(
            batch=batch, sequence=sequence, invoice=invoice, mandate=mandate, amount=invoice.to_come
        )
        for sequence, (invoice, mandate) in enumerate(preview.lines, 1)
    )
    record(
        "direct_debit.requested",
        staff,
        batch,
        account=locked.pk,
        debit_on=debit_on,
        count=len(preview.lines),
        total=preview.total,
        sha256=hashlib.sha256(content).hexdigest(),
    )
    return batch


def request_file(batch: DirectDebitBatch) -> bytes:
    """The request as it goes to the bank."""
    return batch.request.encode(ENCODING)


@transaction.atomic
def take_results(batch: DirectDebitBatch, content: bytes, staff: User | None = None) -> DirectDebitBatch:
    """Take in the bank's results: what was done is paid on the debit day, the rest stays open, with why.

    Whose debit failed is told by e-mail.

    All or nothing. ValidationError with every problem of the file, or where it differs from the request.
    """
    current = (
        DirectDebitBatch.objects.select_for_update(of=("self",))
        .select_related("account__provider")
        .get(pk=batch.pk)
    )
    if current.status == DirectDebitBatch.Status.SETTLED:
        raise ValidationError(_("The results of this direct debit are in already. Nothing was changed."))
    file = read_bank_file(read_debits, content)
    lines = list(current.lines.select_related("mandate", *_OF_INVOICE).order_by("sequence"))
    results = _results(current, lines, file)
    for line in lines:
        line.result = results[line.pk]
    DirectDebitLine.objects.bulk_update(lines, ["result"])
    _pay(current, [line for line in lines if line.result == DirectDebitLine.Result.DONE])
    current.status, current.settled_at = DirectDebitBatch.Status.SETTLED, timezone.now()
    current.save(update_fields=["status", "settled_at"])
    not_done = [line for line in lines if line.result != DirectDebitLine.Result.DONE]
    for line in not_done:
        tell_of_failed(line)
    failed = {line.invoice.number: line.result for line in not_done}
    record(
        "direct_debit.results",
        staff,
        current,
        debit_on=current.debit_on,
        done=len(lines) - len(failed),
        failed=failed,
        sha256=hashlib.sha256(content).hexdigest(),
    )
    return current


def _request(account: BankAccount, debit_on: date, preview: DebitPreview) -> bytes:
    debits = tuple(
        Debit(
            account=_account(mandate),
            holder=mandate.holder,
            amount=invoice.to_come,
            customer_number=mandate.customer_number,
            new_code=_LATER if mandate.used else _FIRST,
        )
        for invoice, mandate in preview.lines
    )
    file = DebitFile(
        consignor_code=account.consignor_code,
        consignor_name=account.holder,
        debit_day=f"{debit_on:%m%d}",
        account=_account(account),
        debits=debits,
    )
    try:
        return write_debits(file)
    except BankFileError as error:
        raise ValidationError(file_problems(error)) from error


def _account(stored: AccountFields) -> Account:
    return Account(
        bank_code=stored.bank_code,
        bank_name=stored.bank_name,
        branch_code=stored.branch_code,
        branch_name=stored.branch_name,
        kind=stored.account_kind,
        number=stored.account_number,
    )


Key = tuple[str, int]
"""What tells debits of a file apart: customer number and amount. Equal ones are taken in their order."""


def _results(batch: DirectDebitBatch, lines: Iterable[DirectDebitLine], file: DebitFile) -> dict[int, str]:
    """The result of every line; ValidationError names whatever is not as it was asked for."""
    problems: list[ValidationError] = []
    asked = (batch.account.consignor_code, f"{batch.debit_on:%m%d}")
    if (file.consignor_code, file.debit_day) != asked:
        text = _(
            "The file is of consignor %(code)s and day %(day)s, not of %(asked_code)s and %(asked_day)s."
        )
        values = {
            "code": file.consignor_code,
            "day": file.debit_day,
            "asked_code": asked[0],
            "asked_day": asked[1],
        }
        problems.append(ValidationError(text % values))
    answers: dict[Key, list[Debit]] = defaultdict(list)
    for debit in file.debits:
        answers[debit.customer_number, debit.amount].append(debit)
    found: dict[int, str] = {}
    for line in lines:
        key = (line.mandate.customer_number, line.amount)
        if answers[key]:
            found[line.pk] = answers[key].pop(0).result
        else:
            text = _("Invoice %(number)s is missing in the file.")
            problems.append(ValidationError(text % {"number": line.invoice.number}))
    for debit in (debit for rest in answers.values() for debit in rest):
        text = _("Line %(line)s: customer number %(number)s was not asked for with this amount.")
        problems.append(ValidationError(text % {"line": debit.line, "number": debit.customer_number}))
    if problems:
        raise ValidationError(problems)
    return found


def _pay(batch: DirectDebitBatch, lines: list[DirectDebitLine]) -> None:
    """A payment for each line that was done; what was paid otherwise meanwhile becomes credit."""
    numbers = [line.invoice_id for line in lines]
    list(Invoice.objects.select_for_update().filter(pk__in=numbers).order_by("pk").values_list("pk"))
    found = Invoice.objects.filter(pk__in=numbers)
    found = found.select_related("provider", "debtor", "contract__service")
    invoices = {invoice.pk: invoice for invoice in found}
    terms = Terms(batch.debit_on)
    for line in lines:
        invoice = invoices[line.invoice_id]
        reference = f"debit-{batch.pk}-{line.sequence}"
        part = min(line.amount, invoice.open_amount)
        if part:
            receive(
                invoice,
                part,
                batch.debit_on,
                reference,
                Payment.Kind.DEBIT,
                whole_only=terms.whole_only(invoice),
            )
        if line.amount > part:
            balance = locked_balance(invoice.provider, invoice.debtor)
            book(balance, CreditEntry.Kind.OVERPAID, line.amount - part, batch.debit_on, reference)
    DebitMandate.objects.filter(lines__in=lines).update(used=True)
