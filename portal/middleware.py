"""Rules for whole areas of the site."""

import logging
import re
from collections.abc import Callable
from http import HTTPStatus
from math import ceil
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.mfa.utils import is_mfa_enabled
from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.contrib import messages
from django.contrib.admin.views.main import SEARCH_VAR
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from contracts.forms.fields import half_width
from contracts.rules.limits import FIRST_DAY, LAST_DAY
from portal.installation.holding import reason_held
from portal.kept_files import DamagedFileError, StorageError
from portal.limits.kept_input import forget, keep, kept_for
from portal.limits.requests import refused_until
from portal.limits.sessions import asks_by_itself, is_over, note_use
from portal.organisations.accounts.factors import has_passed_second_factor
from portal.typed import are_readable, whole_number

_log = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]

_READING = ("GET", "HEAD", "OPTIONS")
_NOT_WANTED = "anew"


def _is_of_accounts(request: HttpRequest) -> bool:
    """Whether a page is one of allauth's: signing in and out, and what belongs to one's own account."""
    return request.path.startswith(reverse("account_login").removesuffix("login/"))


def _chooses_language(request: HttpRequest) -> bool:
    return request.path == reverse("set_language")


class ReadableInputMiddleware:
    """What no database can store is refused before any page works with it.

    An address that holds it is that of no page, a cookie that holds it is none; fields are told of.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.COOKIES = {name: value for name, value in request.COOKIES.items() if are_readable([value])}
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if not are_readable([request.path]):
            raise Http404
        if _is_readable(request.GET) and _is_readable(request.POST):
            return None
        return render(request, "unreadable.html", status=400)


def _is_readable(fields: QueryDict) -> bool:
    return are_readable(fields) and all(are_readable(values) for _name, values in fields.lists())


class AdminAddressMiddleware:
    """The library of the admin trusts keys, days and years in addresses; here they are looked at before."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        here = request.resolver_match
        if here is None or here.namespace != "admin":
            return None
        if "object_id" in kwargs and whole_number(kwargs["object_id"]) is None:
            raise Http404
        if not (here.url_name or "").endswith(("_changelist", "_export")):
            return None
        filters = [(name, value) for name, values in request.GET.lists() for value in values]
        chosen = request.POST.getlist("_selected_action")
        if all(_can_be(*one) for one in filters) and None not in map(whole_number, chosen):
            return None
        messages.warning(request, _("What was asked for can't be found. This is the whole list."))
        return redirect(request.path)


_YEARS = range(FIRST_DAY.year, LAST_DAY.year + 1)
_PARTS = {"__year": _YEARS, "__month": range(1, 13), "__day": range(1, 32)}
_DAY = re.compile("([0-9]{4})[-/年.][0-9]")
_UNUSUAL = re.compile("__(i?regex|range|contain(s|ed_by)|iso_year|(year|month|day)__)")
"""Lookups that no list of ours offers; some databases know them, none all values."""
_LONG_NUMBER = re.compile("[-+]?[0-9]{19,}")


def _can_be(name: str, value: str) -> bool:
    """Whether a list can be filtered so, as far as days, their parts and keys are concerned."""
    if name == SEARCH_VAR:
        return True
    if _UNUSUAL.search(name):
        return False
    for part, known in _PARTS.items():
        if name.endswith(part):
            return whole_number(value) in known
    return all(map(_is_known_value, half_width(value).split(",")))


def _is_known_value(plain: str) -> bool:
    written = _DAY.match(plain)
    return not _LONG_NUMBER.match(plain) and (written is None or whole_number(written[1]) in _YEARS)


class StaffSecondFactorMiddleware:
    """Staff reach nothing before their session has passed the second factor.

    Who has none is led to the pages that set one up. A session that got in without the one there is by now
    ends. Their rights show on customers' pages too, so the rule is not limited to the admin.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_staff or has_passed_second_factor(request):
            return self.get_response(request)
        if is_mfa_enabled(request.user):
            logout(request)
            messages.warning(request, _("Please sign in again, with your second factor."))
            return redirect("account_login")
        if _is_of_accounts(request) or _chooses_language(request):
            return self.get_response(request)
        messages.warning(request, _("Staff sign in with a second factor. Please set it up to go on."))
        return redirect("mfa_activate_totp")


class SessionLimitsMiddleware:
    """A session that was unused for too long, or lasts too long, ends; the person is led to sign in again.

    They come back to the page at which they were. Pages of accounts, which lead there themselves, are shown
    as to any visitor. A part of a page that asks after the session has ended leads the whole page there.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            response = self.get_response(request)
            leads_away = _is_by_htmx(request) and response.status_code == HTTPStatus.FOUND
            return _to_sign_in(request) if leads_away else response
        if not is_over(request.session, staff=request.user.is_staff):
            if not asks_by_itself(request):
                note_use(request.session)
            return self.get_response(request)
        person = request.user
        logout(request)
        if request.method == "POST" and not (person.is_staff or _is_of_accounts(request)):
            keep(request, request.session, person.pk)
        messages.info(request, _("You were signed out for safety. Please sign in again to go on."))
        if _is_of_accounts(request):
            return self.get_response(request)
        return _to_sign_in(request)


class KeptInputMiddleware:
    """Who comes back to a page whose form was sent after the session had run out is asked to go on with it.

    That sends it anew, to be checked like all else. What is sent there, or not wanted any more, is forgotten.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated or _is_by_htmx(request):
            return self.get_response(request)
        kept = kept_for(request.session, request.user.pk)
        if kept is None or request.path != kept.path:
            return self.get_response(request)
        if request.method == "GET" and _NOT_WANTED not in request.GET:
            return render(request, "kept_input.html", {"kept": kept, "not_wanted": f"?{_NOT_WANTED}"})
        forget(request.session)
        return self.get_response(request)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    sign_in = f"{reverse('account_login')}?{urlencode({REDIRECT_FIELD_NAME: _page_at_hand(request)})}"
    return HttpResponseClientRedirect(sign_in) if _is_by_htmx(request) else redirect(sign_in)


def _page_at_hand(request: HttpRequest) -> str:
    """The address of the page that a person looks at: of what was sent, that of its form."""
    if request.method in _READING and not _is_by_htmx(request):
        return request.get_full_path()
    page = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    hosts = {request.get_host()}
    if not url_has_allowed_host_and_scheme(page, hosts, require_https=request.is_secure()):
        return reverse("home")
    return urlsplit(page)._replace(scheme="", netloc="", fragment="").geturl()


def _is_by_htmx(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers


class RequestLimitsMiddleware:
    """Who asks too often for what is costly, or binds, is told when to try again; nothing is done."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if request.resolver_match is None:
            return None
        until = refused_until(request, request.resolver_match)
        if until is None:
            return None
        page = "_429.html" if _is_by_htmx(request) else "429.html"
        response = render(request, page, {"until": until}, status=HTTPStatus.TOO_MANY_REQUESTS)
        response.headers["Retry-After"] = str(max(1, ceil((until - now()).total_seconds())))
        return response


class NoStoreMiddleware:
    """What signed-in people see, and every page of accounts, is kept by no cache, the browser's included.

    Who sits at the same computer next finds nothing there. A view that says something else itself is left
    alone.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        private = request.user.is_authenticated or _is_of_accounts(request)
        if private and not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        return response


class HeldBackMiddleware:
    """After a restore the portal is for reading only, until somebody has looked: what people sent in could
    contradict what was lost, and get numbers that others have been told.

    Who signs in and out, and chooses a language, is left alone: staff have to get in.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in _READING or self._is_open(request) or not reason_held():
            return self.get_response(request)
        return render(request, "held_back.html", status=503)

    @staticmethod
    def _is_open(request: HttpRequest) -> bool:
        signs_out = request.path == reverse("admin:logout")
        return _is_of_accounts(request) or _chooses_language(request) or signs_out


class KeptFilesMiddleware:
    """What is said where a stored file is damaged, or where stored files can't be read or written now."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, DamagedFileError):
            return render(request, "file_damaged.html", status=404)
        if isinstance(error, StorageError):
            _log.error("Stored files can't be read or written", exc_info=error)
            return render(request, "storage_away.html", status=503)
        return None


class AdminContentPolicyMiddleware:
    """The admin's own scripts evaluate expressions and set styles; only its pages may."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith(reverse("admin:index")):
            policy: Any = response
            policy._csp_update = {"script-src": [UNSAFE_EVAL]}
            policy._csp_replace = {"style-src": [SELF, UNSAFE_INLINE]}
        return response
