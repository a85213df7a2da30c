"""Which people staff of some providers reach: their colleagues, and the members of their customers."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from portal.organisations.models import Membership, Organisation, User
from portal.staffing.models import Belonging
from portal.staffing.reach import Providers, Way, kept_by, within

KEEPS_STAFF = "staffing.change_belonging"
"""The right to keep the accounts of all staff, whatever provider they work for."""


def _people(staff: Any, providers: Providers) -> Q:
    """Oneself; colleagues of the same provider and of none yet; members of customers, and of nothing yet."""
    memberships = Membership.objects.filter(user=OuterRef("pk"))
    customers = memberships.filter(organisation__in=within(staff, Organisation.objects.order_by()))
    theirs = Q(Exists(customers)) | ~Q(Exists(memberships))
    return Q(pk=staff.pk) | Q(is_staff=True) & _colleagues(staff, providers) | Q(is_staff=False) & theirs


def _colleagues(staff: Any, providers: Providers) -> Q:
    if staff.has_perm(KEEPS_STAFF):
        return Q()
    belongings = Belonging.objects.filter(staff=OuterRef("pk"))
    return Q(Exists(belongings.filter(providers.at("provider")))) | ~Q(Exists(belongings))


def _of_organisations(staff: Any, providers: Providers) -> Q:
    return Q(organisation__in=within(staff, Organisation.objects.order_by()))


def _views(staff: Any, providers: Providers) -> Q:
    """The looks of colleagues at customers: why others looked is no business of a provider."""
    colleagues = Belonging.objects.filter(providers.at("provider")).order_by()
    return Q(staff=staff.pk) | Q(staff__in=colleagues.values("staff"))


WAYS: dict[str, Way] = {
    "staffing.customerview": _views,
    "organisations.user": _people,
    "organisations.signin": lambda staff, providers: Q(user__in=within(staff, User.objects.order_by())),
    "organisations.membership": _of_organisations,
    "organisations.invitation": _of_organisations,
    "organisations.joinrequest": _of_organisations,
    "organisations.comingdetails": _of_organisations,
    "organisations.notificationpreference": _of_organisations,
}


def staff_of(provider: str) -> QuerySet[User]:
    """The staff of a provider, by its code; all staff for an empty one, as of what is of no provider."""
    staff = User.objects.filter(is_staff=True)
    if not provider:
        return staff
    belongings = Belonging.objects.filter(kept_by(provider, "__code"), staff=OuterRef("pk"))
    return staff.filter(Q(is_superuser=True) | Q(Exists(belongings)))
