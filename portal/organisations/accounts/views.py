"""The pages of one's own account that are not allauth's."""

from typing import Any, cast

from allauth.account import views as account_views
from allauth.account.decorators import reauthentication_required
from allauth.mfa.base.views import IndexView
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from django.views.i18n import LANGUAGE_QUERY_PARAMETER, set_language

from portal.organisations.accounts.closing import close_account, obstacles
from portal.organisations.accounts.forms import ClosingForm, ProfileForm
from portal.organisations.accounts.models import SignIn
from portal.organisations.accounts.profile import change_profile
from portal.organisations.accounts.sign_ins import KEPT, end_other_sessions, end_session, own_sign_in
from portal.organisations.models import Membership, User
from portal.organisations.operations import close_calendar, open_calendar

_ON_A_PAGE = 30


@login_required
def account(request: HttpRequest) -> HttpResponse:
    """What a person's account consists of, with their name and language to be changed."""
    person = cast(User, request.user)
    said = {"display_name": person.display_name, "language": translation.get_language()}
    form = ProfileForm(person, request.POST or None, initial=said)
    if request.method == "POST" and form.is_valid():
        try:
            translation.activate(change_profile(person, **form.cleaned_data).language)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Your account is changed."))
            return redirect("account")
    factors = Authenticator.objects.filter(user=person)
    context = {
        "form": form,
        "passkeys": factors.filter(type=Authenticator.Type.WEBAUTHN).count(),
        "has_app": factors.filter(type=Authenticator.Type.TOTP).exists(),
        "sessions": SignIn.objects.live(person, now()).count(),
        "calendars": person.memberships.exclude(calendar_key="").select_related("organisation"),
    }
    return render(request, "organisations/account/overview.html", context)


@reauthentication_required(allow_get=True, app="allauth.account")
def email_addresses(request: HttpRequest) -> HttpResponse:
    """allauth's page of one's e-mail addresses.

    Whatever is done on it asks for the password again; allauth itself sends codes without. A change stands or
    falls with its entry in the audit trail. An address is added elsewhere, once its code is entered.
    """
    if {"action_primary", "action_remove"} & request.POST.keys():
        with transaction.atomic():
            return cast(HttpResponse, account_views.email(request))
    return cast(HttpResponse, account_views.email(request))


class SecondFactors(IndexView):
    """allauth's page of the second factors, with the passkeys on it: they have no page of their own."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        passkeys = Authenticator.objects.filter(user=self.request.user, type=Authenticator.Type.WEBAUTHN)
        return {**super().get_context_data(**kwargs), "passkeys": passkeys.order_by("pk")}


@login_required
def sessions(request: HttpRequest) -> HttpResponse:
    """Where somebody is signed in now; this session first."""
    here = own_sign_in(request)
    found = SignIn.objects.live(request.user, now()).order_by("-last_used_at")
    others = [one for one in found if one != here]
    return render(request, "organisations/account/sessions.html", {"here": here, "others": others})


@login_required
@require_POST
def end_one(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign somebody out on one of their other devices."""
    try:
        ended = end_session(cast(User, request.user), pk, now())
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    else:
        messages.success(request, _("The session on %(device)s is ended.") % {"device": ended.device})
    return redirect("account_sessions")


@login_required
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """Sign somebody out everywhere else."""
    ended = end_other_sessions(request, cast(User, request.user), now())
    said = ngettext("One other session is ended.", "%(count)s other sessions are ended.", ended)
    messages.success(request, said % {"count": ended})
    return redirect("account_sessions")


@login_required
def sign_ins(request: HttpRequest) -> HttpResponse:
    """When and from where somebody signed in, or tried to."""
    found = SignIn.objects.filter(user=cast(User, request.user))
    page = Paginator(found, _ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "kept_days": KEPT.days}
    return render(request, "organisations/account/sign_ins.html", context)


@login_required
@require_POST
def change_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """Give one of a person's calendars another secret address, or take it away."""
    membership = get_object_or_404(Membership.objects.acting(), pk=pk, user=request.user)
    if request.POST.get("address") == "close":
        close_calendar(membership)
        messages.success(request, _("The address of your calendar is withdrawn."))
    else:
        open_calendar(membership)
        messages.success(request, _("Your calendar has a new address. Keep it to yourself."))
    return redirect("account")


@login_required
def close(request: HttpRequest) -> HttpResponse:
    """Say what closing the account means, or what stands against it; close it with the password."""
    person = cast(User, request.user)
    against = obstacles(person)
    form = ClosingForm(person, request.POST or None)
    if request.method == "POST" and not against and form.is_valid():
        try:
            close_account(person, now())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            logout(request)
            return redirect("account_closed")
    memberships = person.memberships.select_related("organisation")
    context = {"form": form, "obstacles": against, "memberships": memberships}
    return render(request, "organisations/account/close.html", context)


def closed(request: HttpRequest) -> HttpResponse:
    """What somebody reads whose account is closed."""
    return render(request, "organisations/account/closed.html")


def choose_language(request: HttpRequest) -> HttpResponse:
    """Django's change of the language; of who is signed in it is kept with the account."""
    wanted = request.POST.get(LANGUAGE_QUERY_PARAMETER)
    if request.user.is_authenticated and wanted in dict(settings.LANGUAGES):
        change_profile(request.user, language=wanted)
    return set_language(request)
