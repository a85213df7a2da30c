"""How what takes a second person leads to its provider: by the code, or by whom it is about."""

from typing import Any

from django.db.models import CharField, Q
from django.db.models.functions import Cast

from portal.organisations.models import Organisation, User
from portal.staffing.reach import Providers, Way, within


def _proposals(staff: Any, providers: Providers) -> Q:
    """Those of some providers; of those of none, the ones about a customer or person of theirs or neither."""
    customers = within(staff, Organisation.objects.order_by())
    people = within(staff, User.objects.order_by()).annotate(key=Cast("pk", CharField())).values("key")
    about_a_person = Q(about_type=User._meta.label_lower)
    theirs = Q(organisation__in=customers) | about_a_person & Q(about_id__in=people)
    about_neither = Q(organisation__isnull=True) & ~about_a_person
    return providers.coded_at("provider") & (~Q(provider="") | theirs | about_neither)


WAYS: dict[str, Way] = {
    "approvals.proposal": _proposals,
    "approvals.providerrule": lambda staff, providers: providers.coded_at("provider"),
}
