"""Making the copies that were asked for: a worker takes one at a time, and says how far it is."""

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from billing.runs.leases import free, renewed, take
from portal.data_protection.copies.asking import KEPT
from portal.data_protection.copies.writing import write_copy
from portal.data_protection.models import DataCopy
from portal.kept_files import store
from portal.organisations.models import User

AGAIN_AFTER = timedelta(minutes=5)
"""How long one that could not be made is left alone."""


def copies_to_make() -> QuerySet[DataCopy]:
    """Those that wait, and that nobody makes."""
    return DataCopy.objects.filter(free(), made_at__isnull=True)


def make_copy(pk: int, worker: str) -> None:
    """Make a copy and keep its file; nothing where somebody else does.

    A worker that is lost leaves nothing behind but its lease: the next one begins anew. What stops it is kept
    with the row, for staff, and raised.
    """
    lease = take(copies_to_make(), pk, worker)
    if lease is None:
        return
    copy = DataCopy.objects.select_related("person", "organisation", "asked_by").get(pk=pk)
    try:
        with renewed(lease):
            _make(copy)
    except Exception as trouble:
        again = timezone.now() + AGAIN_AFTER
        told = f"{type(trouble).__name__}: {trouble}"[:1000]
        _this(copy).update(trouble=told, worker="", leased_until=again)
        raise


def _make(copy: DataCopy) -> None:
    def step(done: int, of: int) -> None:
        _this(copy).update(done=done, of=of)

    content = write_copy(copy.subject, _about(copy), step)
    name = f"copies/{copy.pk}.zip"
    content_hash = store(name, content)
    now = timezone.now()
    _this(copy).update(
        file=name,
        content_hash=content_hash,
        size=len(content),
        made_at=now,
        expires_at=now + KEPT,
        trouble="",
        worker="",
        leased_until=None,
    )


def _about(copy: DataCopy) -> dict[str, str]:
    with override("ja"):
        label = _("Person") if isinstance(copy.subject, User) else _("organisation")
        return {
            gettext("About"): f"{copy.subject}（{label}）",
            gettext("Asked at"): f"{timezone.localtime(copy.asked_at):%Y-%m-%d %H:%M}",
            gettext("As of"): f"{timezone.localtime():%Y-%m-%d %H:%M}",
        }


def _this(copy: DataCopy) -> QuerySet[DataCopy]:
    """Its row, until somebody has made it."""
    return DataCopy.objects.filter(pk=copy.pk, made_at__isnull=True)
