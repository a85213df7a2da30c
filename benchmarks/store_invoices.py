"""How fast a month's invoices are calculated and stored, beside a plain loop over the contracts.

The plain loop does the same by the same rules, one contract after the other: it reads what it needs,
calculates, numbers, saves, and writes an audit entry, in a transaction each. In its second form it keeps the
terms and prices that it has read.
"""

import gc
import time
from collections.abc import Callable
from itertools import count
from statistics import median
from typing import Any
from unittest.mock import patch

from measure import QUICK, remark, report
from scene import ISSUE_DAY, contracts, portal

CONTRACTS = 400 if QUICK else 2000
PLAIN = 40 if QUICK else 300
ROUNDS = 2 if QUICK else 3


def main() -> None:
    with portal():
        contracts(CONTRACTS)
        gc.freeze()
        # The plain loops bill some contracts only; what is missing of the others is not what is measured.
        with patch("billing.differences.compare.Comparing.compared", return_value={}):
            _measure()


def _measure() -> None:
    from contracts.rules.calendar.period import Month

    months = (Month(2026, 4) + place for place in count())
    ours, plain, kept = [], [], []
    for _round in range(ROUNDS):
        ours.append(_each(lambda: _in_chunks(next(months)), CONTRACTS))
        plain.append(_each(lambda: _one_by_one(next(months), keep=False), PLAIN))
        kept.append(_each(lambda: _one_by_one(next(months), keep=True), PLAIN))
    report("invoices_stored", median(plain) / median(ours), "plain loop, object by object")
    report("invoices_stored_rules_kept", median(kept) / median(ours), "the same loop, terms and prices kept")
    remark(
        f"{1 / median(ours):.0f} invoices a second of processor time; plain {1 / median(plain):.0f}, "
        f"kept {1 / median(kept):.0f}"
    )


def _each(work: Callable[[], int], expected: int) -> float:
    """Processor seconds an invoice."""
    start = time.process_time()
    stored = work()
    if stored != expected:
        raise SystemExit(f"{stored} invoices were stored instead of {expected}")
    return (time.process_time() - start) / stored


def _in_chunks(month: Any) -> int:
    from billing.runs.bill import bill
    from contracts.models import Provider

    with patch("billing.runs.bill.make_missing_pdfs"):
        return bill(Provider.objects.get(), month, ISSUE_DAY).issued


def _one_by_one(month: Any, *, keep: bool) -> int:
    from django.utils import timezone

    from billing.invoicing.drafts import MonthlyCharges
    from billing.models import BillingRun
    from contracts.models import Contract, Provider

    run = BillingRun.objects.create(
        provider=Provider.objects.get(), month=month.first, issued_on=ISSUE_DAY, started_at=timezone.now()
    )
    kept = MonthlyCharges(month)
    charged = Contract.objects.charged_in(month).order_by("number").values_list("pk", flat=True)
    for pk in charged[:PLAIN]:
        _bill_one(run, pk, kept if keep else MonthlyCharges(month))
    return PLAIN


def _bill_one(run: Any, pk: int, charges: Any) -> None:
    from django.db import transaction

    from billing.invoicing.issuing import locked_counter, number_of, unsaved_invoice
    from billing.models import Invoice, InvoiceKind
    from contracts.models import Contract
    from portal.audit.record import record

    with transaction.atomic():
        contract = Contract.objects.get(pk=pk)
        provider = contract.service.provider
        if Invoice.objects.charging().filter(contract=contract, month=charges.month.first).exists():
            raise SystemExit("the plain loop met an invoice")
        counter = locked_counter(provider, InvoiceKind.INVOICE, ISSUE_DAY)
        charges.prepare([contract])
        draft = charges.draft(contract)
        counter.last += 1
        document = draft.document(number_of(provider, counter, counter.last), ISSUE_DAY)
        invoice = unsaved_invoice(document, counter, counter.last, contract, run=run)
        invoice.save()
        counter.save()
        record("invoices.issued", None, invoice, number=invoice.number, gross=invoice.gross)


if __name__ == "__main__":
    main()
