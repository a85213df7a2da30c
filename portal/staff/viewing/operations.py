"""A look at a customer's pages begins and ends: one function, one transaction, one audit entry."""

from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.record import record
from portal.organisations.models import Organisation, User
from portal.staffing.models import CustomerView
from portal.staffing.reach import reaches

RIGHT = "staffing.start_customerview"
LASTS = timedelta(minutes=30)


def ensure_may_view(organisation: Organisation, staff: User) -> None:
    """PermissionDenied without the right; ValidationError (`other_provider`) for a customer of others."""
    if not staff.has_perm(RIGHT):
        raise PermissionDenied
    if not reaches(staff, organisation):
        raise ValidationError(
            _("This belongs to another provider. Only its own staff can do that."), "other_provider"
        )


def may_view(organisation: Organisation, staff: User) -> bool:
    """Whether `ensure_may_view` refuses nothing."""
    return staff.has_perm(RIGHT) and reaches(staff, organisation)


@transaction.atomic
def start_view(organisation: Organisation, staff: User, reason: str, at: datetime) -> CustomerView:
    """Begin to look at a customer's pages; another look of the same person ends.

    ValidationError without a reason (`reason`), and as `ensure_may_view` says.
    """
    ensure_may_view(organisation, staff)
    if not reason.strip():
        raise ValidationError({"reason": _("Please give the reason.")})
    for earlier in CustomerView.objects.select_for_update().filter(staff=staff, ended_at__isnull=True):
        end_view(earlier, at)
    view = CustomerView.objects.create(
        staff=staff, organisation=organisation, reason=reason.strip(), started_at=at, until=at + LASTS
    )
    record("customer_view.started", staff, view, until=view.until, personal={"reason": view.reason})
    return view


@transaction.atomic
def end_view(view: CustomerView, at: datetime) -> None:
    """End a look; one whose time is over ended then. Nothing happens where it ended before."""
    current = CustomerView.objects.select_for_update(of=("self",)).get(pk=view.pk)
    if current.ended_at:
        return
    current.ended_at = min(at, current.until)
    current.save(update_fields=["ended_at"])
    record("customer_view.ended", current.staff, current, ended_at=current.ended_at)
