"""The audit trail as a list to take out, in the words of the pages."""

from collections.abc import Iterator
from itertools import islice

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from portal.audit.books import named, tell
from portal.audit.exports.lists import Column
from portal.audit.models import AuditEntry
from portal.audit.names import Names
from portal.audit.telling import Told

_AT_ONCE = 1000


def entry_columns() -> list[Column]:
    """What is told of each entry."""
    return [
        Column("number", _("Number"), lambda told: told.entry.sequence),
        Column("at", _("At"), lambda told: told.entry.at),
        Column("who", _("By"), lambda told: told.who),
        Column("kind", _("Kind of event"), lambda told: str(told.kind)),
        Column("what", _("Event"), lambda told: told.sentence_text),
        Column("facts", _("Details"), lambda told: told.facts_text),
        Column("target", _("About"), lambda told: told.target.text),
        Column("customer", _("Customer"), lambda told: told.customer.text if told.customer else ""),
    ]


def told_entries(entries: QuerySet[AuditEntry]) -> Iterator[Told]:
    """Entries in words, fetched and named by and by."""
    left = entries.select_related("actor").iterator(chunk_size=_AT_ONCE)
    while some := list(islice(left, _AT_ONCE)):
        yield from tell(some, Names(named))
