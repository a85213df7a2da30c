"""What staff's first page says of copies and erasures that do not get on."""

from django.utils.translation import gettext as _

from portal.data_protection.models import DataCopy, Erasure
from portal.installation.health import Trouble
from portal.organisations.models import User
from portal.staffing.reach import within


def stopped_work(staff: User) -> Trouble | None:
    """What stopped the last copy or erasure that waits to be tried again; None where nothing did."""
    copies = DataCopy.objects.filter(made_at__isnull=True).exclude(trouble="")
    erasures = Erasure.objects.filter(finished_at__isnull=True).exclude(trouble="")
    stopped = within(staff, copies).first() or within(staff, erasures).first()
    if stopped is None:
        return None
    text = _("A copy of what is held, or an erasure, was stopped and will be tried again: %(trouble)s")
    advice = _("People wait for them. Please tell whoever runs the portal what stands here.")
    return Trouble(text % {"trouble": stopped.trouble}, advice)
