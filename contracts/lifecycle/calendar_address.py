"""The secret address under which calendar programs read an organisation's dates, and how it is checked."""

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from portal.organisations.models import Membership


def _signer() -> Signer:
    return Signer(salt="contracts.calendar", sep=".")


def calendar_address(membership: Membership) -> str:
    """The complete address of a member's calendar; empty while there is none."""
    if not membership.calendar_key:
        return ""
    token = _signer().sign(f"{membership.pk}-{membership.calendar_key}")
    return str(settings.PORTAL_URL) + reverse("contracts:calendar-feed", args=[token])


def membership_at(token: str) -> Membership | None:
    """The membership whose calendar an address is, while it and the person's account last and let act."""
    try:
        number, _dash, key = _signer().unsign(token).partition("-")
    except BadSignature:
        return None
    found = Membership.objects.acting().filter(pk=number, calendar_key=key, user__is_active=True)
    return found.select_related("organisation", "user").first() if key else None
