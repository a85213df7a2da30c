"""A billing run's preview as files: its totals as they are shown, and what each contract would be charged."""

from django.db.models import OuterRef, Subquery, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import BillingRun, Invoice
from billing.runs.preview_lines import lines_that_count
from portal.audit.exports.admin import AT_ONCE
from portal.audit.exports.lists import Column, ListOut, list_of, named_list
from portal.formats.workbook import Yen

TOTALS = named_list("billing.run_totals", gettext_lazy("Totals of a billing run"))
LINES = named_list("billing.run_lines", gettext_lazy("Preview of a billing run, by contract"))


def totals_out(run: BillingRun) -> ListOut:
    """The totals of a preview, by service."""
    amounts = {
        "net": _("Without tax"),
        "tax": _("Tax"),
        "gross": _("With tax"),
        "before": _("Month before"),
        "difference": _("Difference"),
    }
    columns = [
        Column("service", _("Service"), lambda row: row["service"] or _("Total")),
        Column("count", _("Invoices"), lambda row: row["count"]),
        *(_amount(key, heading) for key, heading in amounts.items()),
    ]
    return list_of(TOTALS, columns, run.preview["rows"])


def _amount(key: str, heading: str) -> Column:
    return Column(key, heading, lambda row: Yen(row[key]))


def lines_out(run: BillingRun) -> ListOut:
    """What a run would charge each contract, beside what was charged for the month before."""
    month_before = (run.billed_month + -1).first
    charged = Invoice.objects.charging().filter(contract=OuterRef("contract"), month=month_before)
    before = charged.order_by().values("contract").annotate(sum=Sum("gross")).values("sum")
    lines = (
        lines_that_count(run)
        .filter(charges=True)
        .select_related("contract__service", "contract__organisation")
        .annotate(before=Subquery(before))
        .order_by("contract__number")
    )
    columns = [
        Column("contract", _("Contract number"), lambda line: line.contract.number),
        Column("organisation", _("Customer"), lambda line: line.contract.organisation.name),
        Column("service", _("Service"), lambda line: line.contract.service.name),
        Column("gross", _("With tax"), lambda line: Yen(line.gross)),
        Column("before", _("Month before"), lambda line: Yen(line.before or 0)),
        Column("difference", _("Difference"), lambda line: Yen(line.gross - (line.before or 0))),
    ]
    return ListOut(
        key=LINES, columns=columns, count=lines.count(), rows=lambda: lines.iterator(chunk_size=AT_ONCE)
    )
