"""How much is due to be erased, for staff's first page."""

from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from contracts.extensions.waiting import Source, Tallied
from contracts.models import Provider
from portal.data_protection.erasing.plans import count_due
from portal.organisations.models import User
from portal.staffing.reach import providers_of, within


def _due_for(staff: User) -> int:
    """What is due today of the providers that somebody works for; who works for all, of the portal too."""
    codes = list(within(staff, Provider.objects.order_by()).values_list("code", flat=True))
    owners = [*codes, ""] if providers_of(staff).every else codes
    return sum(count_due(owner, localdate()) for owner in owners)


DUE = Source(
    key="due_erasures",
    label=_("Personal data to erase, as their time is over"),
    tallied=Tallied("data_protection.erasure", _due_for, "admin:data_protection_erasure_due"),
)
