"""The lists about what is owed as files: those of the ageing page, and reminders that are due."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.calculation.owed.ageing import BUCKETS
from billing.receivables.late.ageing import Ageing
from billing.receivables.reminders import Owed
from portal.audit.exports.columns import plain_text
from portal.audit.exports.lists import Column, ListOut, list_of, named_list
from portal.formats.workbook import Yen

AGEING = named_list("billing.ageing", gettext_lazy("Ageing list"))
GROUNDS = named_list("billing.grounds", gettext_lazy("What the terms provide for"))
DUE_REMINDERS = named_list("billing.due_reminders", gettext_lazy("Reminders that are due"))


def ageing_out(rows: Ageing) -> ListOut:
    """What customers owe by days overdue."""
    headings = (_("Not due"), _("up to 30 days"), _("31 to 60 days"), _("61 to 90 days"), _("over 90 days"))
    columns = [
        Column("organisation", _("organisation"), lambda row: row.organisation.name),
        Column("provider", _("provider"), lambda row: row.provider.name),
        *(_bucket(name, heading) for name, heading in zip(BUCKETS, headings, strict=True)),
        Column("total", _("Total"), lambda row: Yen(row.total)),
        Column("credit", _("Credit"), lambda row: Yen(row.credit)),
    ]
    return list_of(AGEING, columns, rows[:])


def _bucket(name: Any, heading: str) -> Column:
    return Column(name, heading, lambda row: Yen(row.amounts[name]))


def grounds_out(rows: list[dict[str, Any]]) -> ListOut:
    """Overdue invoices with what their terms let the provider do."""
    columns = [
        Column("number", _("Invoice number"), lambda row: row["invoice"].number),
        Column("organisation", _("organisation"), lambda row: row["invoice"].debtor.name),
        Column("due_on", _("Due date"), lambda row: row["invoice"].due_on),
        Column("open_amount", _("Open amount"), lambda row: Yen(row["invoice"].open_amount)),
        Column("grounds", _("Grounds"), lambda row: "\n".join(_ground_lines(row["grounds"]))),
        Column("contract", _("Contract"), lambda row: row["invoice"].contract.number),
    ]
    return list_of(GROUNDS, columns, rows)


def _ground_lines(grounds: Iterable[dict[str, Any]]) -> Iterable[str]:
    for ground in grounds:
        since = _("(since %(day)s)") % {"day": ground["since"]}
        yield f"{ground['leads_to']} {ground['text']} {since} {plain_text(ground['articles'])}".strip()


def due_reminders_out(due: list[Owed]) -> ListOut:
    """The invoices to be reminded of today, each with its late interest."""
    columns = [
        Column("organisation", _("organisation"), lambda row: row.due.invoice.debtor.name),
        Column("number", _("Invoice number"), lambda row: row.due.invoice.number),
        Column("due_on", _("Due date"), lambda row: row.due.invoice.due_on),
        Column("days", _("Days overdue"), lambda row: row.due.days),
        Column("step", _("Reminder"), lambda row: row.due.step.number),
        Column("open_amount", _("Open amount"), lambda row: Yen(row.due.invoice.open_amount)),
        Column("interest", _("Late interest"), lambda row: Yen(row.interest)),
    ]
    return list_of(DUE_REMINDERS, columns, due)
