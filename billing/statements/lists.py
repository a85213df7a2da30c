"""What customers take out of their account as spreadsheets: invoices, payments, the lines of a statement."""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from billing.models import Invoice, Payment
from billing.receivables.balances import state_for
from billing.statements.content import PAYMENT_KINDS, statement
from contracts.models import Provider
from portal.audit.exports.lists import Column, ListOut, list_of, named_list
from portal.formats.workbook import Yen
from portal.organisations.models import Membership, Organisation

INVOICES = named_list("customers.invoices", gettext_lazy("Invoices"))
PAYMENTS = named_list("customers.payments", gettext_lazy("Payments"))
STATEMENT = named_list("customers.statement", gettext_lazy("Statement of account"))
_AT_ONCE = 500


def own_payments(invoices: QuerySet[Invoice], organisation: Organisation) -> QuerySet[Payment]:
    """The payments of invoices that an organisation sees: all that it owes, else those of its own time."""
    own = Q(invoice__debtor=organisation) | Q(debtor=organisation) | Q(debtor__isnull=True)
    return Payment.objects.standing().filter(own, invoice__in=invoices)


def invoices_out(invoices: QuerySet[Invoice], organisation: Organisation, today: date) -> ListOut:
    """Invoices and returns as an organisation sees them on a day, in their order."""

    def open_amount(invoice: Invoice) -> Yen:
        return Yen(invoice.open_amount if invoice.debtor_id == organisation.pk else 0)

    columns = [
        Column("number", _("Invoice number"), lambda one: one.number),
        Column("kind", _("Kind"), lambda one: one.get_kind_display()),
        Column("provider", _("Issued by"), lambda one: one.provider.name),
        Column("service", _("Service"), lambda one: one.contract.service.name),
        Column("contract", _("Contract number"), lambda one: one.contract.number),
        Column("month", _("Month of use"), lambda one: f"{one.month:%Y-%m}"),
        Column("issued_on", _("Issue date"), lambda one: one.issued_on),
        Column("due_on", _("Due date"), lambda one: None if one.is_return else one.due_on),
        Column("net", _("Without tax"), lambda one: Yen(one.net)),
        Column("tax", _("Tax"), lambda one: Yen(one.tax)),
        Column("gross", _("Total with tax"), lambda one: Yen(one.gross)),
        Column("open_amount", _("Open amount"), open_amount),
        Column("state", _("Status"), lambda one: str(state_for(organisation, one, today).label)),
    ]
    found = _with_names(invoices, "").defer("document")
    return ListOut(
        key=INVOICES, columns=columns, count=found.count(), rows=lambda: found.iterator(chunk_size=_AT_ONCE)
    )


def payments_out(payments: QuerySet[Payment]) -> ListOut:
    """What counts as paid, by day."""
    columns = [
        Column("paid_on", _("Paid on"), lambda one: one.paid_on),
        Column("kind", _("Kind"), lambda one: PAYMENT_KINDS[Payment.Kind(one.kind)]),
        Column("amount", _("Amount"), lambda one: Yen(one.left)),
        Column("invoice", _("Invoice number"), lambda one: one.invoice.number),
        Column("provider", _("Issued by"), lambda one: one.invoice.provider.name),
        Column("service", _("Service"), lambda one: one.invoice.contract.service.name),
        Column("contract", _("Contract number"), lambda one: one.invoice.contract.number),
        Column("month", _("Month of use"), lambda one: f"{one.invoice.month:%Y-%m}"),
    ]
    found = _with_names(payments, "invoice__").defer("invoice__document").order_by("paid_on", "pk")
    return ListOut(
        key=PAYMENTS, columns=columns, count=found.count(), rows=lambda: found.iterator(chunk_size=_AT_ONCE)
    )


def _with_names(found: QuerySet[Any], path: str) -> QuerySet[Any]:
    named = found.select_related(f"{path}contract__service", f"{path}provider")
    return named.prefetch_related(f"{path}provider__particulars")


def statement_out(provider: Provider, organisation: Organisation, from_day: date, to_day: date) -> ListOut:
    """The lines of a statement of account, from what was open before to what is open after."""
    stated = statement(provider, organisation, from_day, to_day)
    opening = {"day": from_day.isoformat(), "text": "繰越残高", "balance": stated["opening"]}
    charged, paid = pgettext("statement of account", "Charged"), pgettext("statement of account", "Paid")
    columns = [
        Column("day", _("Day"), lambda line: date.fromisoformat(line["day"])),
        Column("text", _("Details"), lambda line: line["text"]),
        Column("number", _("Invoice number"), lambda line: line.get("number", "")),
        Column("charge", charged, lambda line: _amount(line.get("charge"))),
        Column("paid", paid, lambda line: _amount(line.get("paid"))),
        Column("balance", _("Balance"), lambda line: Yen(line["balance"])),
    ]
    return list_of(STATEMENT, columns, [opening, *stated["movements"]])


def _amount(amount: int | None) -> Yen | None:
    return Yen(amount) if amount else None


def shown_between(membership: Membership, first: date, last: date) -> QuerySet[Invoice]:
    """What was issued in a time and a member sees, the earliest first."""
    shown = Invoice.objects.shown_to(membership).filter(issued_on__range=(first, last))
    return shown.order_by("issued_on", "number")
