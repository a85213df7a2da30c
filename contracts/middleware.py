"""What a customer's visit means for new versions of the terms."""

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _

from contracts.consents.answers import record_deemed_consents
from contracts.consents.renewals import Renewal, to_answer
from contracts.models import Consent, Contract
from portal.organisations.access import acting_membership
from portal.organisations.members.rights import Right
from portal.organisations.models import Membership

ASKED = "asked_for_consent"


class RenewedConsentMiddleware:
    """Record the consents that use of the portal brings, and lead to the versions that ask for consent.

    Once a session the home page leads to them; pages of a contract do until the version in force is answered.
    Pages of sign-in, sign-out, language and the admin are left alone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: Any, view: object, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if not request.user.is_authenticated or request.user.is_staff or _is_open(request):
            return None
        membership = acting_membership(request)
        if membership is None:
            return None
        _record_use(request, membership)
        renewal = _to_be_asked(request, membership, kwargs)
        if renewal is None:
            return None
        return redirect("contracts:consent-renewal", renewal.version.service.slug, renewal.version.name)


def _is_open(request: HttpRequest) -> bool:
    accounts = reverse("account_login").removesuffix("login/")
    here = request.resolver_match
    return request.path.startswith((accounts, reverse("set_language"), reverse("admin:index"))) or (
        here is not None and here.view_name in ("contracts:consent-renewal", "contracts:consent-refusal")
    )


def _record_use(request: Any, membership: Membership) -> None:
    """Use counts as consent where the person could have given it."""
    ip = get_adapter().get_client_ip(request)
    person = request.user if membership.may_on(Right.CONTRACTS) else None
    for consent in record_deemed_consents(membership.organisation, now(), person=person, ip=ip):
        if consent.how == Consent.How.DEEMED_BY_USE:
            told = _("By using the service your organisation has agreed to %(title)s, version %(version)s.")
            version = consent.terms_version
            messages.info(request, told % {"title": version.title, "version": version.name})


def _to_be_asked(request: Any, membership: Membership, kwargs: dict[str, Any]) -> Renewal | None:
    """The version that a request has to be led to, if any; who may not answer is led to none."""
    view = request.resolver_match.view_name
    if view == "home":
        seen = request.session.get(ASKED, [])
        for renewal in to_answer(membership, localdate()):
            if renewal.version.pk not in seen:
                request.session[ASKED] = [*seen, renewal.version.pk]
                return renewal
    elif view.startswith("contracts:") and "number" in kwargs:
        own = Contract.objects.shown_to(membership).filter(number=kwargs["number"])
        service = own.values_list("service", flat=True).first()
        for renewal in to_answer(membership, localdate()) if service else ():
            version = renewal.version
            if version.service_id == service and version.effective_on <= localdate():
                return renewal
    return None
