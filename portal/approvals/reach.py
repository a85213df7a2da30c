"""How what takes a second person leads to its provider: by the code, or by whom it is about."""

from typing import Any

from django.db.models import Q

from portal.approvals.models import Proposal
from portal.organisations.models import Organisation, User
from portal.staffing.reach import Providers, Way, within


def _proposals(staff: Any, providers: Providers) -> Q:
    """Those of some providers; of those of none, the ones about a customer or person of theirs or neither."""
    customers = within(staff, Organisation.objects.order_by())
    about_a_person = Q(about_type=User._meta.label_lower)
    theirs = Q(organisation__in=customers) | about_a_person & Q(about_id__in=_people(staff, about_a_person))
    about_neither = Q(organisation__isnull=True) & ~about_a_person
    return providers.coded_at("provider") & (~Q(provider="") | theirs | about_neither)


def _people(staff: Any, about_a_person: Q) -> list[str]:
    """The keys of whom such proposals are about, and staff reach.

    They are few, and asked for at once: conditions on the trail hold those on proposals, and are deep enough.
    """
    asked = Proposal._base_manager.filter(about_a_person, provider="").values_list("about_id", flat=True)
    keys = [int(key) for key in asked.distinct()]
    reached = within(staff, User.objects.order_by().filter(pk__in=keys)) if keys else User.objects.none()
    return [str(key) for key in reached.values_list("pk", flat=True)]


WAYS: dict[str, Way] = {
    "approvals.proposal": _proposals,
    "approvals.providerrule": lambda staff, providers: providers.coded_at("provider"),
}
