"""How copies and erasures lead to the provider whose staff reach them."""

from typing import Any

from django.db.models import Q

from portal.organisations.models import Organisation, User
from portal.staffing.reach import Providers, Way, within


def _copies(staff: Any, providers: Providers) -> Q:
    """Those that they asked for themselves, and those of people and organisations that they reach."""
    people, organisations = User.objects.order_by(), Organisation.objects.order_by()
    subjects = Q(person__in=within(staff, people)) | Q(organisation__in=within(staff, organisations))
    return Q(asked_by=staff.pk) | subjects


WAYS: dict[str, Way] = {
    "data_protection.datacopy": _copies,
    "data_protection.erasure": lambda staff, providers: providers.coded_at("provider"),
    "data_protection.erasureitem": lambda staff, providers: providers.coded_at("erasure__provider"),
}
