"""Decisions that reach back into a month whose invoice is out: it states other fees than they are by now."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from billing.invoicing.drafts import CannotBillError, MonthlyCharges
from billing.models import Invoice
from contracts.models import Contract
from contracts.rules.calendar.period import Month
from contracts.rules.policy.schema import Policy


@dataclass(frozen=True)
class ReachedBack:
    """An invoice whose monthly fees have changed since: what it states and what they are now, without tax."""

    contract: str
    service: str
    invoice: str
    stated: int
    now: int


class InvoicedBefore:
    """Compares the invoices of a month with what the contracts are charged for it by now."""

    def __init__(self, month: Month) -> None:
        self._charges = MonthlyCharges(month)
        self._month = month

    def reached_back(self, contracts: Collection[Contract]) -> list[ReachedBack]:
        """The invoices that no longer say what is charged. Fetch `items` of the contracts beforehand."""
        changed = {contract.pk: contract for contract in contracts if self._begins_or_ends(contract)}
        if not changed:
            return []
        self._charges.prepare(list(changed.values()))
        invoices = Invoice.objects.charging().filter(contract__in=changed, month=self._month.first)
        found = (
            self._compared(changed[invoice.contract_id], invoice) for invoice in invoices.order_by("number")
        )
        return [one for one in found if one]

    def _begins_or_ends(self, contract: Contract) -> bool:
        """Whether the charging of a product begins in the month, or ended right before it."""
        before = self._month.first - timedelta(days=1)
        return any(
            Month.of(item.billed_from_on) == self._month or item.billed_through_on == before
            for item in contract.items.all()
        )

    def _compared(self, contract: Contract, invoice: Invoice) -> ReachedBack | None:
        try:
            draft = self._charges.draft(contract)
        except CannotBillError:
            return None
        used = _usage_products((draft.version if draft else contract.formation_version).policy)
        lines = draft.calculation.lines if draft else ()
        now = sum(line.amount for line in lines if line.product and line.product not in used)
        stated = sum(
            line["amount"]
            for line in invoice.document["lines"]
            if "adjustment" not in line and line["product"] not in used
        )
        if now == stated:
            return None
        return ReachedBack(contract.number, contract.service.name, invoice.number, stated, now)


def _usage_products(policy: Policy) -> set[str]:
    return {product.key for product in policy.products if product.kind == "usage"}
