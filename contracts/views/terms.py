"""The terms, version by version. Public: an article's address stays the same for ever."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import localdate

from contracts.models import Service, TermsVersion


@dataclass(frozen=True)
class VersionPeriod:
    """A published version and the days on which it governs; `until` is None while no other follows."""

    version: TermsVersion
    until: date | None
    state: str


def terms_list(request: HttpRequest) -> HttpResponse:
    """The terms of every service, with the version in force and what is announced."""
    published = TermsVersion.objects.published().select_related("service__provider")
    by_service = groupby(published.order_by("service", "-effective_on"), key=lambda version: version.service)
    return render(
        request,
        "contracts/terms_list.html",
        {"services": [(service, version_periods(versions, localdate())) for service, versions in by_service]},
    )


def history(request: HttpRequest, slug: str) -> HttpResponse:
    service = get_object_or_404(Service.objects.select_related("provider"), slug=slug)
    return render(
        request, "contracts/terms_history.html", {"service": service, "periods": _periods_of(service)}
    )


def version_detail(request: HttpRequest, slug: str, version: str) -> HttpResponse:
    service = get_object_or_404(Service.objects.select_related("provider"), slug=slug)
    terms_version = get_object_or_404(
        TermsVersion.objects.published().select_related("service"), service=service, name=version
    )
    return render(
        request,
        "contracts/terms_version.html",
        {
            "service": service,
            "version": terms_version,
            "terms": terms_version.terms,
            "period": next(period for period in _periods_of(service) if period.version == terms_version),
            "transitional": terms_version.policy.transitional,
        },
    )


def _periods_of(service: Service) -> list[VersionPeriod]:
    published = TermsVersion.objects.published().filter(service=service)
    return version_periods(published.order_by("-effective_on"), localdate())


def version_periods(versions: Iterable[TermsVersion], today: date) -> list[VersionPeriod]:
    """The days on which each of a service's versions governs; the newest comes, and stays, first."""
    periods: list[VersionPeriod] = []
    following: date | None = None
    for version in versions:
        until = following - timedelta(days=1) if following else None
        periods.append(VersionPeriod(version, until, _state(version, until, today)))
        following = version.effective_on
    return periods


def _state(version: TermsVersion, until: date | None, today: date) -> str:
    if version.effective_on > today:
        return "announced"
    return "ended" if until and until < today else "running"
