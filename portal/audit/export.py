"""Entries of the audit trail as CSV and as an Excel workbook, in the words of the pages."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.utils.timezone import localtime
from django.utils.translation import gettext, gettext_lazy
from import_export.fields import Field
from import_export.resources import ModelResource
from tablib import Dataset

from portal.audit.books import named, tell
from portal.audit.models import AuditEntry
from portal.audit.names import Names
from portal.audit.telling import Told
from portal.formats.cells import fitting, harmless

MOST = 100_000
_AT_ONCE = 1000


class EntryResource(ModelResource):  # type: ignore[misc]
    """One row an entry. No cell can become a formula."""

    number = Field(column_name=gettext_lazy("Number"))
    at = Field(column_name=gettext_lazy("At"))
    who = Field(column_name=gettext_lazy("By"))
    kind = Field(column_name=gettext_lazy("Kind of event"))
    what = Field(column_name=gettext_lazy("Event"))
    facts = Field(column_name=gettext_lazy("Details"))
    target = Field(column_name=gettext_lazy("About"))
    customer = Field(column_name=gettext_lazy("Customer"))

    class Meta:
        model = AuditEntry
        fields = ("number", "at", "who", "kind", "what", "facts", "target", "customer")

    def export(self, queryset: QuerySet[AuditEntry] | None = None, **kwargs: Any) -> Dataset:
        """The entries as a table. ValueError, with what to do, for more than a workbook should hold."""
        entries = self.get_queryset() if queryset is None else queryset
        if entries.count() > MOST:
            message = gettext("These are more than %(most)s entries. Please choose a shorter period.")
            raise ValueError(message % {"most": f"{MOST:,}"})
        table = Dataset(headers=[str(field.column_name) for field in self.get_user_visible_fields()])
        for told in _told(entries.select_related("actor")):
            table.append([harmless(fitting(cell)) for cell in _cells(told)])
        return table


def _told(entries: QuerySet[AuditEntry]) -> Iterator[Told]:
    left = entries.iterator(chunk_size=_AT_ONCE)
    while some := list(islice(left, _AT_ONCE)):
        yield from tell(some, Names(named))


def _cells(told: Told) -> tuple[str, ...]:
    return (
        str(told.entry.sequence),
        f"{localtime(told.entry.at):%Y-%m-%d %H:%M:%S}",
        told.who,
        told.kind,
        told.sentence_text,
        told.facts_text,
        told.target.text,
        told.customer.text if told.customer else "",
    )
