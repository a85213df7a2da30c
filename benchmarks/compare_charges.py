"""What it costs a billing to compare earlier months with what is owed, beside a billing that does not.

Calculated and stored, without PDFs. First where nothing changed, as in most months; then with a quantity
changed in months that are invoiced, of every tenth contract and of all.
"""

import gc
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from statistics import median
from typing import Any
from unittest.mock import patch

from measure import QUICK, remark, report
from scene import ISSUE_DAY, contracts, portal

CONTRACTS = 400 if QUICK else 2000
ROUNDS = 2 if QUICK else 4
_COMPARING = "billing.differences.compare.Comparing."


def main() -> None:
    with portal():
        contracts(CONTRACTS)
        gc.freeze()
        _measure()


def _measure() -> None:
    from contracts.rules.calendar.period import Month

    months = (Month(2026, 4) + place for place in count())
    _billed(next(months))  # the first billing of all
    unchanged = median(_billed(next(months)) for _round in range(ROUNDS))
    changed = _each_round(lambda: _change_every(10), months)
    all_changed = _each_round(lambda: _change_every(1), months)
    peak = _peak(next(months))
    without = [_billed(next(months), compared=False) for _round in range(ROUNDS)]
    peak_without = _peak(next(months), compared=False)
    report("billing_compares", median(without) / unchanged, "the same billing without comparing")
    report("billing_compares_changed", median(without) / changed, "with a tenth of them changed")
    report("billing_compares_all", median(without) / all_changed, "with all of them changed")
    report("billing_compares_memory", peak_without / peak, "peak memory of the one without comparing")
    remark(f"{1 / unchanged:.0f} invoices a second of processor time, {1 / median(without):.0f} without")


def _each_round(change: Callable[[], None], months: Iterator[Any]) -> float:
    seconds = []
    for _round in range(ROUNDS):
        change()
        seconds.append(_billed(next(months)))
    return median(seconds)


def _billed(month: Any, *, compared: bool = True) -> float:
    """Processor seconds an invoice."""
    from billing.runs.bill import bill
    from contracts.models import Provider

    with ExitStack() as patches:
        patches.enter_context(patch("billing.runs.bill.make_missing_pdfs"))
        if not compared:
            patches.enter_context(patch(_COMPARING + "compared", return_value={}))
            patches.enter_context(patch(_COMPARING + "note_settled"))
        start = time.process_time()
        issued = bill(Provider.objects.get(), month, ISSUE_DAY).issued
    if issued != CONTRACTS:
        raise SystemExit(f"{issued} invoices were stored instead of {CONTRACTS}")
    return (time.process_time() - start) / issued


def _peak(month: Any, *, compared: bool = True) -> int:
    """The most bytes that a billing holds at once."""
    gc.collect()
    tracemalloc.start()
    try:
        _billed(month, compared=compared)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _change_every(step: int) -> None:
    from django.db.models import F

    from billing.differences.marks import fact_changed
    from contracts.models import Contract, ContractItem

    chosen = list(Contract.objects.order_by("pk").values_list("pk", flat=True)[::step])
    ContractItem.objects.filter(contract__in=chosen).update(quantity=F("quantity") + 1)
    for contract in chosen:
        fact_changed(contract)


if __name__ == "__main__":
    main()
