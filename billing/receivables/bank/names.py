"""Whose a payer's name may be: customers are found by their names as banks write them."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Q, QuerySet

from billing.calculation.owed.matching import SHORTEST_SIMILAR
from billing.documents.bank_files.charset import comparable_name
from billing.models import PayerName
from portal.organisations.models import Organisation
from portal.search.finding import begins
from portal.search.kinds import kind_of
from portal.search.models import SearchEntry
from portal.search.written import payer


def beginnings(organisation: Organisation) -> Iterator[str]:
    """By what the search's table knows a customer as a payer."""
    yield payer(comparable_name(organisation.kana))


def known_as(payers: Iterable[str]) -> QuerySet[Any, Any]:
    """The primary keys of organisations with one of these names, its beginning, or a longer one.

    That is their own name in kana, or one under which they paid before.
    """
    own, before = Q(pk__in=[]), Q(pk__in=[])
    for name in filter(None, {comparable_name(written) for written in payers}):
        alike = [name, *(name[:length] for length in range(SHORTEST_SIMILAR, len(name)))]
        own |= Q(text__in=map(payer, alike))
        before |= Q(name__in=alike)
        if len(name) >= SHORTEST_SIMILAR:
            own |= Q(**begins(payer(name)))
            before |= Q(name__startswith=name)
    entries = SearchEntry.objects.filter(own, kind=kind_of(Organisation).key)
    return entries.values("thing").union(PayerName.objects.filter(before).values("organisation"))
