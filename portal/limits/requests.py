"""How often somebody may ask for what is costly or binds: counted in the cache, for each person or address.

What is counted, and by which name, stands here; how much of it is let through, in `REQUEST_LIMITS` of the
settings. What is around signing in, allauth counts in the same way (`ACCOUNT_RATE_LIMITS`).
"""

import time
from collections.abc import Iterator
from datetime import datetime
from math import ceil

from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import ResolverMatch
from django.utils.timezone import get_current_timezone

_DOWNLOADS = {
    "contracts:application-pdf",
    "contracts:calendar-feed",
    "contracts:calendar-file",
    "contracts:consent-certificate",
    "contracts:contract-document",
    "contracts:contract-letter",
    "billing:debit-request",
    "billing:deposit-letter-pdf",
    "billing:invoice-einvoice",
    "billing:invoice-pdf",
    "billing:invoice-statement-pdf",
    "billing:payout-file",
    "billing:reminder-pdf",
    "billing:set-off-pdf",
    "admin:contracts_contractdocument_file",
    "admin:contracts_issuedletter_pdf",
    "admin:outbox_mail_file",
    "table-export",
    "table-template",
}
_SEARCHES = {
    "contracts:application-estimate",
    "contracts:contract-what-if",
    "contracts:terms-as-of",
    "contracts:terms-compare",
    "organisations:address",
    "admin:autocomplete",
    "admin:search",
}
_COMPARISON = "contracts:terms-compare"
"""A page, or with a format a file."""
_EXPORTING_ACTIONS = ("download",)
"""Of lists in the admin: what was chosen as one file."""
_EXPORTING_PAGES = ("_export", "-export", ":invoice-download")
"""How the names of addresses end that hand out lists, or many files as one."""


def refused_until(request: HttpRequest, here: ResolverMatch) -> datetime | None:
    """Count a request by all that it is. When one may be sent again, if it is one too many; else None."""
    kinds = list(_kinds(request, here))
    waits = [until for kind in kinds if (until := _consume(request, kind)) is not None]
    return datetime.fromtimestamp(ceil(max(waits)), get_current_timezone()) if waits else None


def _kinds(request: HttpRequest, here: ResolverMatch) -> Iterator[str]:
    name = here.view_name
    if request.method == "POST":
        yield from _kinds_of_sending(request, name)
    elif name in _DOWNLOADS or (name == _COMPARISON and request.GET.get("format")):
        yield "downloads"
    elif name in _SEARCHES or request.GET.get(SEARCH_VAR):
        yield "searches"


def _kinds_of_sending(request: HttpRequest, name: str) -> Iterator[str]:
    action = request.POST.get("action", "")
    yield "entries"
    if name == "contracts:application-confirm":
        yield "applications"
    elif name == "contracts:contract-request-new" and action == "send":
        yield "requests"
    elif name in ("contracts:inquiry-new", "contracts:inquiry"):
        yield "inquiries"
    if request.FILES:
        yield "uploads"
    if action in _EXPORTING_ACTIONS or name.endswith(_EXPORTING_PAGES):
        yield "exports"


def _consume(request: HttpRequest, kind: str) -> float | None:
    """Count one of a kind; the moment from which there is room again where there is none."""
    for_customers, for_staff = settings.REQUEST_LIMITS.get(kind, ("", ""))
    amounts = for_staff if request.user.is_staff else for_customers
    whose = "user" if request.user.is_authenticated else "ip"
    limits = ",".join(f"{amount}/{whose}" for amount in amounts.split(",") if amount)
    counted = {"app": "portal", "action": kind}
    if ratelimit.consume(request, config={kind: limits}, limit_get=True, **counted) is not None:
        return None
    return max(_moments_of_room(request, limits, counted), default=None)


def _moments_of_room(request: HttpRequest, limits: str, counted: dict[str, str]) -> Iterator[float]:
    """From when on each limit that is full lets one more through; none if the cache alone was too slow."""
    for rate in ratelimit.parse_rates(limits):
        passed = cache.get(ratelimit.get_cache_key(request, rate=rate, **counted), [])
        if len(passed) >= rate.amount:
            yield (passed[-1] if passed else time.time()) + rate.duration
