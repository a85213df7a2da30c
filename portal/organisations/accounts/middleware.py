"""What holds for each request of somebody who is signed in."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.timezone import now
from django.utils.translation import gettext as _

from portal.organisations.accounts.sign_ins import note_use, own_sign_in

GetResponse = Callable[[HttpRequest], HttpResponse]


class LanguageOfPersonMiddleware:
    """Who chose a language is spoken to in it, whatever browser they sit at."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and request.user.language:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)


class OwnSessionMiddleware:
    """A session that its person ended from elsewhere reaches nothing; of the others the use is noted."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        sign_in = own_sign_in(request)
        if sign_in.ended_at:
            logout(request)
            messages.warning(request, _("This session was ended. Please sign in again."))
            return redirect("account_login")
        note_use(request, sign_in, now())
        return self.get_response(request)
