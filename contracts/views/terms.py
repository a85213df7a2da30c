"""The terms, version by version. Public: an article's address stays the same for ever."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, zip_longest

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate

from contracts.forms.comparison import DayForm
from contracts.models import Service, TermsVersion
from contracts.wording.links import comparison_url, version_url


@dataclass(frozen=True)
class VersionPeriod:
    """A published version and the days on which it governs; `until` is None while no other follows.

    `before` is the version that it followed, if any.
    """

    version: TermsVersion
    until: date | None
    state: str
    before: TermsVersion | None = None

    @property
    def comparison_url(self) -> str:
        """Where a reader sees what this version changed; empty for the first."""
        return comparison_url(self.version, self.before) if self.before else ""


def terms_list(request: HttpRequest) -> HttpResponse:
    """The terms of every service, with the version in force and what is announced."""
    published = TermsVersion.objects.published().select_related("service__provider")
    published = published.prefetch_related("service__provider__particulars")
    by_service = groupby(published.order_by("service", "-effective_on"), key=lambda version: version.service)
    return render(
        request,
        "contracts/terms_list.html",
        {"services": [(service, version_periods(versions, localdate())) for service, versions in by_service]},
    )


def history(request: HttpRequest, slug: str) -> HttpResponse:
    service = get_object_or_404(Service.objects.select_related("provider"), slug=slug)
    return render(
        request,
        "contracts/terms_history.html",
        {"service": service, "periods": _periods_of(service), "form": DayForm()},
    )


def as_of(request: HttpRequest, slug: str) -> HttpResponse:
    """Lead to the version that governed the day `on`; before the first, say when that took effect."""
    service = get_object_or_404(Service.objects.select_related("provider"), slug=slug)
    form = DayForm(request.GET if "on" in request.GET else None)
    context: dict[str, object] = {"service": service, "form": form}
    if form.is_valid():
        on = form.cleaned_data["on"]
        version = TermsVersion.objects.select_related("service").in_force(service, on)
        if version is not None:
            return redirect(version_url(version))
        context |= {"before": on, "first": service.versions.published().order_by("effective_on").first()}
    return render(request, "contracts/terms_as_of.html", context, status=400 if form.errors else 200)


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
            "corrections": terms_version.revisions.filter(in_force_at__isnull=False),
            "transitional": terms_version.read_on(localdate()).policy.transitional,
        },
    )


def _periods_of(service: Service) -> list[VersionPeriod]:
    published = TermsVersion.objects.published().filter(service=service).select_related("service")
    return version_periods(published.order_by("-effective_on"), localdate())


def version_periods(versions: Iterable[TermsVersion], today: date) -> list[VersionPeriod]:
    """The days on which each of a service's versions governs; the newest comes, and stays, first."""
    newest_first = list(versions)
    periods: list[VersionPeriod] = []
    following: date | None = None
    for version, before in zip_longest(newest_first, newest_first[1:]):
        until = following - timedelta(days=1) if following else None
        periods.append(VersionPeriod(version, until, _state(version, until, today), before))
        following = version.effective_on
    return periods


def _state(version: TermsVersion, until: date | None, today: date) -> str:
    if version.effective_on > today:
        return "announced"
    return "ended" if until and until < today else "running"
