"""A contract as changes would leave it; nothing of it is stored."""

from collections.abc import Iterable
from copy import copy
from datetime import date, timedelta

from contracts.lifecycle.items import NewQuantity, free_of_larger
from contracts.models import Contract, ContractItem
from contracts.rules.calendar.period import Month

ONE_DAY = timedelta(days=1)


def contract_with(contract: Contract, changes: Iterable[NewQuantity]) -> Contract:
    """The same contract to read from, containing what it would after changes.

    Only `items.all()` of it differs; what is asked of the database is as it is.
    """
    imagined = copy(contract)
    items = ContractItem.objects.filter(contract=contract)
    items._result_cache = rows_with(contract, changes)
    prefetched = getattr(contract, "_prefetched_objects_cache", {})
    imagined._prefetched_objects_cache = {**prefetched, "items": items}  # type: ignore[attr-defined]
    return imagined


def rows_with(contract: Contract, changes: Iterable[NewQuantity]) -> list[ContractItem]:
    """The rows of a contract as carrying changes out, one after the other, would leave them."""
    rows = [copy(item) for item in contract.items.all()]
    for new in changes:
        rows = _changed(contract, rows, new)
    return rows


def _changed(contract: Contract, rows: list[ContractItem], new: NewQuantity) -> list[ContractItem]:
    billed_from = max(new.billed_from, contract.billed_from_on or new.billed_from)
    if not new.once:
        billed_from = free_of_larger(rows, new, billed_from)
        for row in rows:
            if row.product == new.product:
                _close(row, new, billed_from)
    begun = ContractItem(
        product=new.product,
        quantity=new.quantity,
        starts_on=new.starts_on,
        ends_on=new.starts_on if new.once else contract.ends_on,
        billed_from_on=billed_from,
        billed_through_on=Month.of(billed_from).last if new.once else contract.billed_through_on,
    )
    return [*rows, begun] if new.quantity else rows


def _close(row: ContractItem, new: NewQuantity, billed_from: date) -> None:
    used, charged = new.starts_on - ONE_DAY, billed_from - ONE_DAY
    row.ends_on = min(row.ends_on or used, used)
    row.billed_through_on = min(row.billed_through_on or charged, charged)
