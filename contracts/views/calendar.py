"""All coming dates of an organisation's contracts: as a page, as a file, and for calendar programs."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from contracts.lifecycle.agenda import AgendaEntry, ProviderAgenda, agenda, as_ics
from contracts.lifecycle.calendar_address import calendar_address, membership_at
from contracts.models import Contract, Provider
from contracts.rules.calendar.period import Month
from contracts.views.seen import VIEW
from portal.organisations.access import OrganisationRequest, organisation_required, own_or_404
from portal.organisations.models import User
from portal.organisations.operations import close_calendar, open_calendar

_ON_A_PAGE = 50


@organisation_required
def calendar(request: OrganisationRequest) -> HttpResponse:
    """The dates from today on, month by month; with `contract`, those of one contract."""
    chosen = request.GET.get("contract", "")
    page = Paginator(_entries(request, chosen), _ON_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "contracts/calendar.html",
        {
            "months": _by_month(page),
            "page_obj": page,
            "contracts": Contract.objects.shown_to(request.membership).select_related("service"),
            "chosen": chosen,
            "address": _address(request),
        },
    )


@organisation_required
def calendar_file(request: OrganisationRequest) -> HttpResponse:
    """The same dates as a file to be imported once."""
    entries = _entries(request, request.GET.get("contract", ""))
    return _ics(entries, 'attachment; filename="contracts.ics"')


@never_cache
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The dates for a calendar program that knows a member's secret address."""
    membership = membership_at(token)
    if membership is None:
        raise Http404
    return _ics(agenda(membership, now()), "inline")


@organisation_required
@require_POST
def change_address(request: OrganisationRequest) -> HttpResponse:
    """Give the person a (new) secret address, or take it away."""
    if request.POST.get("address") == "close":
        close_calendar(request.membership)
        messages.success(request, _("The address of your calendar is withdrawn."))
    else:
        open_calendar(request.membership)
        messages.success(request, _("Your calendar has a new address. Keep it to yourself."))
    return redirect("contracts:calendar")


@login_required
def provider_calendar(request: HttpRequest, code: str) -> HttpResponse:
    """What happens in a month in all contracts of a provider, for staff who may see contracts."""
    provider = get_object_or_404(Provider, code=code)
    if not cast(User, request.user).has_perm(VIEW, provider):
        raise Http404
    try:
        month = Month.parse(request.GET.get("month") or str(Month.of(localdate())))
        around = {"before": month + -1, "after": month + 1}
    except ValueError as error:
        raise Http404 from error
    agenda_of_month = cast("Any", ProviderAgenda(provider, month))
    page = Paginator(agenda_of_month, _ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"provider": provider, "month": month, "page_obj": page, **around}
    return render(request, "contracts/provider_calendar.html", context)


def _address(request: OrganisationRequest) -> str | None:
    """The member's own secret address; None for staff, who see the page as the customer does but for that."""
    return None if request.user.is_staff else calendar_address(request.membership)


def _entries(request: OrganisationRequest, number: str) -> list[AgendaEntry]:
    entries = agenda(request.membership, now())
    if not number:
        return entries
    contract = own_or_404(request, Contract, contract="pk", number=number)
    return [entry for entry in entries if entry.contract == contract]


def _by_month(entries: Iterable[AgendaEntry]) -> list[tuple[date, list[AgendaEntry]]]:
    """The entries of each month under its first day; `entries` come in order."""
    by_month = groupby(entries, key=lambda entry: entry.on.replace(day=1))
    return [(month, list(within)) for month, within in by_month]


def _ics(entries: list[AgendaEntry], disposition: str) -> HttpResponse:
    return HttpResponse(
        as_ics(entries, now()),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": disposition},
    )
