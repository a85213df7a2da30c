"""Which version governs, and its rules with the closures that staff entered."""

from datetime import date

from contracts.models import CompanyClosure, Service, TermsVersion
from contracts.rules.governing import version_on
from contracts.rules.rulebook import Rulebook


class Rulebooks:
    """Versions and rulebooks, each read from the database once.

    Make one for a page, a list or a run, and drop it afterwards: it does not see later changes.
    """

    def __init__(self) -> None:
        self._closures: dict[int, frozenset[date]] = {}
        self._versions: dict[int, list[TermsVersion]] = {}
        self._rulebooks: dict[int, Rulebook] = {}

    def of(self, version: TermsVersion) -> Rulebook:
        """The rules of a version."""
        if version.pk not in self._rulebooks:
            closures = self._closures_of(version.service.provider_id)
            self._rulebooks[version.pk] = Rulebook(version.policy, closures)
        return self._rulebooks[version.pk]

    def in_force(self, service: Service, day: date) -> TermsVersion | None:
        """The published version that governs a day; None before the first takes effect."""
        if service.pk not in self._versions:
            published = TermsVersion.objects.published().filter(service=service)
            self._versions[service.pk] = list(published.select_related("service"))
        return version_on(self._versions[service.pk], day)

    def _closures_of(self, provider_id: int) -> frozenset[date]:
        if provider_id not in self._closures:
            days = CompanyClosure.objects.filter(provider_id=provider_id).values_list("day", flat=True)
            self._closures[provider_id] = frozenset(days)
        return self._closures[provider_id]


def rulebook_for(version: TermsVersion) -> Rulebook:
    """The rules of a version, with its provider's closures. For several versions, share a `Rulebooks`."""
    return Rulebooks().of(version)


def version_in_force(service: Service, day: date) -> TermsVersion | None:
    """The published version that governs a day; None before the first takes effect."""
    return TermsVersion.objects.in_force(service, day)
