"""Rules for whole areas of the site."""

import re
from collections.abc import Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.contrib import messages
from django.contrib.admin.views.main import SEARCH_VAR
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from contracts.forms.fields import half_width
from contracts.rules.limits import FIRST_DAY, LAST_DAY
from portal.typed import are_readable, whole_number

GetResponse = Callable[[HttpRequest], HttpResponse]


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
        if not (here.url_name or "").endswith("_changelist"):
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
_LONG_NUMBER = re.compile("[-+]?[0-9]{19,}")


def _can_be(name: str, value: str) -> bool:
    """Whether a list can be filtered so, as far as days, their parts and keys are concerned."""
    if name == SEARCH_VAR:
        return True
    for part, known in _PARTS.items():
        if name.endswith(part):
            return whole_number(value) in known
    plain = half_width(value)
    written = _DAY.match(plain)
    return not _LONG_NUMBER.match(plain) and (written is None or whole_number(written[1]) in _YEARS)


class StaffSecondFactorMiddleware:
    """Staff who have no second factor reach nothing but the pages that set one up.

    Their rights show on customers' pages too, so the rule is not limited to the admin.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self._is_open(request.path) or not request.user.is_staff or is_mfa_enabled(request.user):
            return self.get_response(request)
        messages.warning(request, _("Staff sign in with a second factor. Please set it up to go on."))
        return redirect("mfa_activate_totp")

    @staticmethod
    def _is_open(path: str) -> bool:
        accounts = reverse("account_login").removesuffix("login/")
        return path.startswith((accounts, reverse("set_language")))


class AdminContentPolicyMiddleware:
    """The admin's own scripts evaluate expressions and set styles; only its pages may."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response: Any = self.get_response(request)
        if request.path.startswith(reverse("admin:index")):
            response._csp_update = {"script-src": [UNSAFE_EVAL]}
            response._csp_replace = {"style-src": [SELF, UNSAFE_INLINE]}
        return response
