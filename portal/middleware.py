"""Rules for whole areas of the site."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.installation.holding import reason_held

GetResponse = Callable[[HttpRequest], HttpResponse]

_READING = ("GET", "HEAD", "OPTIONS")


def _is_of_sign_in(path: str) -> bool:
    """Whether a page signs people in and out, or chooses their language."""
    accounts = reverse("account_login").removesuffix("login/")
    return path.startswith((accounts, reverse("set_language")))


class StaffSecondFactorMiddleware:
    """Staff who have no second factor reach nothing but the pages that set one up.

    Their rights show on customers' pages too, so the rule is not limited to the admin.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _is_of_sign_in(request.path) or not request.user.is_staff or is_mfa_enabled(request.user):
            return self.get_response(request)
        messages.warning(request, _("Staff sign in with a second factor. Please set it up to go on."))
        return redirect("mfa_activate_totp")


class HeldBackMiddleware:
    """After a restore the portal is for reading only, until somebody has looked: what people sent in could
    contradict what was lost, and get numbers that others have been told.

    Who signs in and out, and chooses a language, is left alone: staff have to get in.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in _READING or self._is_open(request.path) or not reason_held():
            return self.get_response(request)
        return render(request, "held_back.html", status=503)

    @staticmethod
    def _is_open(path: str) -> bool:
        return _is_of_sign_in(path) or path == reverse("admin:logout")


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
