"""How long work has waited for a worker: what nobody does is what an operator must hear of first."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from billing.runs.work import chunks_to_finish, runs_to_take_up
from billing.statements.drawing import statements_to_draw
from portal.data_protection.copies.making import copies_to_make
from portal.outbox.models import Mail
from portal.watching.work import Waiting


def waiting() -> list[Waiting]:
    """E-mails that are due or were not taken, and what workers have not taken up, by kind; one query each."""
    now = timezone.now()
    found = []
    for kind, rows, since in _kinds():
        told = rows.aggregate(count=Count("pk"), since=Min(since))
        found.append(Waiting(kind, told["count"], now - told["since"] if told["since"] else timedelta()))
    return found


def _kinds() -> Iterator[tuple[str, QuerySet[Any], Coalesce]]:
    """Each with the moment since when a row waits: one that was tried has been free since its lease ended."""
    untaken = Q(due_at__lte=timezone.now()) | Q(failing_since__isnull=False)
    yield "mail", Mail.objects.waiting().filter(untaken), Coalesce("failing_since", "due_at")
    yield "billing_run", runs_to_take_up(), Coalesce("leased_until", "approved_at", "started_at")
    yield "billing_chunk", chunks_to_finish(), Coalesce("leased_until", "run__approved_at", "run__started_at")
    yield "statement", statements_to_draw(), Coalesce("leased_until", "asked_at")
    yield "copy", copies_to_make(), Coalesce("leased_until", "asked_at")
