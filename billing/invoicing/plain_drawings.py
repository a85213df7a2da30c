"""Documents that were drawn the plain way, as the layout that they share with others failed."""

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.models import BillingRun, PlainDrawing
from portal.installation.health import Trouble
from portal.organisations.models import User
from portal.staffing.reach import within

TOLD_FOR = timedelta(days=30)
"""How long staff's first page speaks of one."""


def trouble_of_run(run: BillingRun) -> Trouble | None:
    """What the page of a run says of its documents that were drawn so; None where there are none."""
    return _trouble(PlainDrawing.objects.filter(invoice__run=run))


def recent_trouble(staff: User) -> Trouble | None:
    """What the first page of staff says of the documents that were drawn so of late; None without any."""
    return _trouble(within(staff, PlainDrawing.objects.filter(drawn_at__gt=timezone.now() - TOLD_FOR)))


def _trouble(drawings: QuerySet[PlainDrawing]) -> Trouble | None:
    count = drawings.count()
    if not count:
        return None
    text = ngettext(
        "The layout that documents share failed, so %(count)s document was drawn the slow way.",
        "The layout that documents share failed, so %(count)s documents were drawn the slow way.",
        count,
    )
    advice = _(
        "What they state is right, and nothing has to be made again. Please tell whoever runs the portal: the"
        " server's log names each document and the error, under “The shared layout failed”."
    )
    return Trouble(text % {"count": count}, advice)
