"""How copies and erasures lead to the provider whose staff reach them."""

from typing import Any

from django.db.models import Q

from portal.data_protection.models import Erasure
from portal.organisations.models import Organisation, User
from portal.staffing.reach import Providers, Way, within


def _copies(staff: Any, providers: Providers) -> Q:
    """Those that they asked for themselves, and those of people and organisations that they reach."""
    return Q(asked_by=staff.pk) | _subjects(staff)


def _subjects(staff: Any) -> Q:
    people, organisations = User.objects.order_by(), Organisation.objects.order_by()
    return Q(person__in=within(staff, people)) | Q(organisation__in=within(staff, organisations))


def _erasures(staff: Any, providers: Providers) -> Q:
    """What was due of some providers or of none, and what those asked for whom they reach."""
    what_was_due = Q(person__isnull=True, organisation__isnull=True) & providers.coded_at("provider")
    return what_was_due | _subjects(staff)


def _rows(staff: Any, providers: Providers) -> Q:
    return Q(erasure__in=Erasure.objects.order_by().filter(_erasures(staff, providers)))


WAYS: dict[str, Way] = {
    "data_protection.datacopy": _copies,
    "data_protection.erasure": _erasures,
    "data_protection.erasureitem": _rows,
}
