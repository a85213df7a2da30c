"""What the staff's page of a contract shows of money first: fees, what is open, the next invoice."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, Sum
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from billing.invoicing.coming import next_invoices
from billing.models import Invoice
from billing.panels.customers import SEES, SHOWN, list_url
from billing.pricing.fees import monthly_fee_of
from billing.receivables.balances import State, state_of
from contracts.extensions.panels import Panel
from contracts.models import Contract
from contracts.models.fields import in_current_language
from contracts.rules.calendar.period import Month
from contracts.wording.formats import month_text, yen_text
from portal.organisations.models import User
from portal.staffing.reach import within


@dataclass(frozen=True)
class NextInvoice:
    """The invoice that comes next as things are now, without corrections of earlier months.

    `problem` says why it can't be calculated.
    """

    month: Month
    lines: list[tuple[str, str, str]] = field(default_factory=list)
    due_on: date | None = None
    net: str = ""
    tax: str = ""
    gross: str = ""
    problem: str = ""

    @property
    def month_text(self) -> str:
        return month_text(self.month)


def contract_money(contract: Contract, staff: User) -> Panel:
    """Fees and what is open for all who see the contract; its invoices for who may see invoices."""
    today = localdate()
    open_of = Invoice.objects.of_present_customers().filter(contract=contract, open_amount__gt=0)
    sums = open_of.aggregate(
        open=Sum("open_amount"), overdue=Sum("open_amount", filter=Q(open_due_on__lt=today))
    )
    sees, of_contract = staff.has_perm(SEES), {"contract__id__exact": contract.pk}
    latest = within(staff, Invoice.objects.filter(contract=contract)).defer("document")[: SHOWN // 2]
    return Panel(
        "admin/billing/_contract_money.html",
        {
            "fees": [(month_text(month), _fee(contract, month)) for month in _months(today)],
            "open": yen_text(sums["open"]) if sums["open"] else "",
            "open_url": list_url("invoice", **of_contract, open_amount__gt=0) if sees else "",
            "overdue_sum": yen_text(sums["overdue"]) if sums["overdue"] else "",
            "next": _next_invoice(contract, today),
            "invoices": [(invoice, state_of(invoice, today)) for invoice in latest] if sees else [],
            "overdue": State.OVERDUE,
            "invoices_url": list_url("invoice", **of_contract),
        },
    )


def _months(today: date) -> tuple[Month, Month]:
    return Month.of(today), Month.of(today) + 1


def _fee(contract: Contract, month: Month) -> str:
    """What is charged monthly in a month, without tax; a dash where terms or prices are missing."""
    try:
        return yen_text(monthly_fee_of(contract, month))
    except ValidationError:
        return "—"


def _next_invoice(contract: Contract, today: date) -> NextInvoice | None:
    """The first month that is not invoiced yet and charges something; None where there is none soon."""
    coming = next_invoices([contract], today).get(contract.pk)
    if coming is None:
        return None
    draft = coming.draft
    if draft is None:
        return NextInvoice(coming.month, problem=coming.problem or _("It can't be calculated yet."))
    document: Any = draft.document("", (coming.month + 1).first)
    lines = [
        (
            in_current_language(line["name"]),
            f"{line['quantity']:,} {in_current_language(line['unit'])}".strip(),
            yen_text(line["amount"]),
        )
        for line in document["lines"]
    ]
    found = draft.calculation
    return NextInvoice(
        coming.month,
        lines=lines,
        due_on=found.due_on,
        net=yen_text(found.net),
        tax=yen_text(found.tax),
        gross=yen_text(found.gross),
    )
