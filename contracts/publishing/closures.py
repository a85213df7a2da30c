"""Days on which a provider is closed, as staff enter them."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contracts.models import CompanyClosure, Provider, Service, TermsVersion
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.audit.record import record
from portal.organisations.models import User

CLOSURE, CLOSURES = "closure", "closures"
"""The kinds of proposals that enter a closed day, or move one, and that enter several at once."""


@transaction.atomic
def save_closure(closure: CompanyClosure, staff: User, *, approval: Proposal | None = None) -> CompanyClosure:
    """Store a closure, new or corrected; deadlines are counted around it from now on.

    ValidationError without the approval of a second person (`second_person`), and when the provider has that
    day already (`day`).
    """
    ensure_second_person(approval, CLOSURE, CLOSURES)
    before = CompanyClosure.objects.select_for_update().filter(pk=closure.pk).first()
    ensure_apart(closure.provider, closure.day, before)
    closure.full_clean()
    closure.save()
    record(
        "closure.changed" if before else "closure.added",
        staff,
        closure,
        provider=closure.provider.code,
        day=closure.day,
        before={"day": before.day} if before else {},
        personal={"note": closure.note, "before": {"note": before.note} if before else {}},
    )
    return closure


def ensure_apart(provider: Provider, day: date, closure: CompanyClosure | None) -> None:
    """ValidationError (`day`) where a provider has a day already, but for the closure that is to have it."""
    if any(other != closure for other in provider.closures.filter(day=day)):
        raise ValidationError({"day": _("This day is entered as a closed day already.")})


def services_counting(provider: Provider) -> list[Service]:
    """The services with customers whose terms count around the closures that staff enter."""
    published = TermsVersion.objects.published().filter(service__provider=provider).select_related("service")
    found = {version.service for version in published if _counts_closures(version)}
    return [service for service in provider.services.all() if service in found and service.binds_customers]


def _counts_closures(version: TermsVersion) -> bool:
    return any(rule.entered_closures for rule in version.policy.calendars.values())
