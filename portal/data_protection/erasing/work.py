"""Carrying erasures out in the background, some rows at a time: wherever it stops, it goes on from there."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from billing.runs.leases import Lease, free, renewed, take
from portal.audit.record import record
from portal.data_protection.erasing.report import draw_report
from portal.data_protection.erasing.steps import step_of
from portal.data_protection.mails import queue_report
from portal.data_protection.models import Erasure, ErasureItem
from portal.kept_files import store

AT_ONCE = 20
"""So many rows are erased in one transaction."""

AGAIN_AFTER = timedelta(minutes=5)
"""How long one that was stopped is left alone."""


def erasures_to_carry_on() -> QuerySet[Erasure]:
    """Those that are not finished, and that nobody works on."""
    return Erasure.objects.filter(free(), finished_at__isnull=True)


def carry_on(pk: int, worker: str) -> None:
    """Erase what an erasure has left, and finish it; nothing where somebody else does.

    What stops it is kept with the row, for staff, and raised; it goes on from there later.
    """
    lease = take(erasures_to_carry_on(), pk, worker)
    if lease is None:
        return
    erasure = Erasure.objects.select_related("begun_by").get(pk=pk)
    try:
        while _erase_some(erasure, lease):
            pass
        with renewed(lease):
            _finish(erasure)
    except Exception as trouble:
        told = f"{type(trouble).__name__}: {trouble}"[:1000]
        again = timezone.now() + AGAIN_AFTER
        Erasure.objects.filter(pk=pk).update(trouble=told, worker="", leased_until=again)
        raise


@transaction.atomic
def _erase_some(erasure: Erasure, lease: Lease) -> bool:
    """Erase the next rows; gives whether there were any."""
    lease.renew()
    left = erasure.items.filter(done_at__isnull=True).order_by("pk")
    some = list(left.select_for_update(of=("self",))[:AT_ONCE])
    for item in some:
        item.left = not _erase(erasure, item)
        item.done_at = timezone.now()
        item.save(update_fields=["left", "done_at"])
    done = erasure.items.filter(done_at__isnull=False).count()
    Erasure.objects.filter(pk=erasure.pk).update(done=done)
    return bool(some)


def _erase(erasure: Erasure, item: ErasureItem) -> bool:
    """Erase a row; False where it is gone, or is needed again since it was decided."""
    step = step_of(item.kind)
    row = step.model._default_manager.filter(pk=item.object_id).first()
    if row is None:
        return False
    try:
        with transaction.atomic():
            return step.erase(row, erasure.begun_by, timezone.localdate(erasure.begun_at)) is not False
    except ValidationError:
        return False


def _finish(erasure: Erasure) -> None:
    """State what went and what stays, keep that as a document, and send it to who asked."""
    gone = erasure.items.filter(left=False).order_by("kind").values_list("kind").annotate(count=Count("pk"))
    erasure.report = {
        **erasure.report,
        "gone": dict(gone),
        "left": erasure.items.filter(left=True).count(),
    }
    erasure.finished_at = timezone.now()
    erasure.pdf = f"erasures/{erasure.pk}.pdf"
    erasure.pdf_hash = store(str(erasure.pdf), draw_report(erasure))
    with transaction.atomic():
        fields = ("report", "finished_at", "pdf", "pdf_hash")
        stated = {name: getattr(erasure, name) for name in fields}
        Erasure.objects.filter(pk=erasure.pk).update(**stated, trouble="", worker="", leased_until=None)
        queue_report(erasure)
        record("erasure.finished", None, erasure, counts=erasure.report["gone"], left=erasure.report["left"])
