"""Proposals that wait for a second person, as lines of the queue and a number on the first page."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from contracts.extensions.waiting import Listed, Queued, Source, Wanted, WorkEntry, WorkRow
from contracts.rules.calendar.period import japan_date
from portal.approvals.kinds import kind_of, kinds
from portal.approvals.models import Proposal


def proposals_to_approve(key: str, label: Any, apps: Collection[str], seen_with: str) -> Source:
    """What waits of the kinds whose right is of some apps, for who may see a model; due at once."""

    def found() -> QuerySet[Proposal]:
        keys = [kind.key for kind in kinds() if kind.right.partition(".")[0] in apps]
        return Proposal.objects.filter(state=Proposal.State.WAITS, kind__in=keys)

    def rows(wanted: Wanted) -> Iterator[WorkRow]:
        waiting = found().none() if wanted.service else found().filter(about__icontains=wanted.text)
        waiting = waiting.filter(wanted.proposals)
        if wanted.customer:
            waiting = waiting.filter(organisation=wanted.customer)
        for pk, at in waiting.values_list("pk", "proposed_at"):
            yield WorkRow(key, pk, japan_date(at), japan_date(at))

    listed = Listed("approvals.proposal", found, "state__exact=waits", seen_with)
    return Source(key=key, label=label, queued=Queued(seen_with, rows, _entries), listed=listed)


def _entries(pks: Iterable[int]) -> dict[int, WorkEntry]:
    return {
        one.pk: WorkEntry(
            number=str(kind_of(one).label),
            about=one.about,
            customer=one.organisation.name if one.organisation else "",
            service="",
            url=reverse("admin:approvals_proposal_change", args=[one.pk]),
        )
        for one in Proposal.objects.filter(pk__in=pks).select_related("organisation")
    }
