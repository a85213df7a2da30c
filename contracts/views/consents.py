"""Renewed consent: a customer agrees to a new version or refuses; and certificates of consent."""

import logging
from collections.abc import Callable
from io import BytesIO
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _

from contracts.consents.answers import refuse_renewal, renew_consent
from contracts.consents.certificate import ConsentNotIntactError, certificate
from contracts.consents.renewals import Renewal, concerned_of, last_answer, may_answer, renewal_of
from contracts.models import Consent, TermsVersion
from contracts.wording.links import comparison_url
from contracts.wording.local_text import localised
from portal.organisations.access import (
    OrganisationRequest,
    acting_membership,
    not_allowed,
    right_required,
)
from portal.organisations.members.rights import Right

logger = logging.getLogger(__name__)


@right_required(Right.CONTRACTS)
def renewal(request: OrganisationRequest, slug: str, version: str) -> HttpResponse:
    """Ask for consent to a new version: what it is, from when it holds, what follows from refusing."""
    found = _asked(request, slug, version)
    if not may_answer(request.membership, found.version, localdate()):
        return not_allowed(request, Right.CONTRACTS)
    if request.method == "POST":
        return _agreed(request, found.version)
    return render(
        request,
        "contracts/consent_renewal.html",
        {
            **_told(request, found),
            "comparison_url": comparison_url(found.version, found.previous),
            "may_wait": found.version.effective_on > localdate(),
        },
    )


@right_required(Right.CONTRACTS)
def refusal(request: OrganisationRequest, slug: str, version: str) -> HttpResponse:
    """Say what follows from refusing a new version, for which contracts, and record the refusal."""
    found = _asked(request, slug, version)
    if not may_answer(request.membership, found.version, localdate()):
        return not_allowed(request, Right.CONTRACTS)
    told = _told(request, found)
    if request.method == "POST":
        return _refused(request, found.version)
    if told["answer"]:
        return redirect("contracts:consent-renewal", slug, version)
    return render(request, "contracts/consent_refusal.html", told)


def _asked(request: OrganisationRequest, slug: str, name: str) -> Renewal:
    """The version that the request's organisation may agree to or refuse; otherwise Http404."""
    version = get_object_or_404(
        TermsVersion.objects.published().select_related("service__provider"), service__slug=slug, name=name
    )
    found = renewal_of(version)
    if (
        found is None
        or not found.may_be_refused
        or not concerned_of(request.membership, version, localdate()).exists()
    ):
        raise Http404
    return found


def _told(request: OrganisationRequest, found: Renewal) -> dict[str, Any]:
    refusal = found.rule.refusal
    return {
        "service": found.version.service,
        "version": found.version,
        "previous": found.previous,
        "rule": found.rule,
        "last_day": found.last_day,
        "contracts": concerned_of(request.membership, found.version, localdate()),
        "consequence": localised(refusal.text) if refusal else "",
        "consequence_articles": refusal.article if refusal else (),
        "answer": last_answer(request.organisation, found.version),
    }


def _agreed(request: OrganisationRequest, version: TermsVersion) -> HttpResponse:
    answer = request.POST.get("answer")
    if answer == "refuse":
        return redirect("contracts:consent-refusal", version.service.slug, version.name)
    if answer != "agree":
        messages.error(request, _("Choose whether your organisation agrees or refuses."))
        return redirect("contracts:consent-renewal", version.service.slug, version.name)
    if _answered(request, renew_consent, version):
        messages.success(request, _("Thank you. Your consent is recorded."))
        return redirect("contracts:contract-list")
    return redirect("contracts:consent-renewal", version.service.slug, version.name)


def _refused(request: OrganisationRequest, version: TermsVersion) -> HttpResponse:
    if _answered(request, refuse_renewal, version):
        text = _("Your refusal is recorded. The provider has been told of it, and you get an e-mail.")
        messages.warning(request, text)
    return redirect("contracts:consent-renewal", version.service.slug, version.name)


def _answered(request: OrganisationRequest, operation: Callable[..., Consent], version: TermsVersion) -> bool:
    """Whether the answer was recorded; what was refused is said to who answered."""
    try:
        operation(request.organisation, request.user, version, now(), get_adapter().get_client_ip(request))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return False
    return True


@login_required
def consent_certificate(request: HttpRequest, sequence: int) -> HttpResponse | FileResponse:
    """The certificate as PDF, for the consent's organisation and for staff who may see consents."""
    consent = _seen_by(request, sequence)
    try:
        content = certificate(consent, localdate())
    except ConsentNotIntactError:
        logger.exception("A certificate was refused.")
        return render(request, "contracts/consent_not_intact.html", {"consent": consent}, status=409)
    name = f"consent-{consent.sequence}.pdf"
    return FileResponse(BytesIO(content), as_attachment=True, filename=name, content_type="application/pdf")


def _seen_by(request: HttpRequest, sequence: int) -> Consent:
    consents = Consent.objects.select_related(
        "organisation", "person", "terms_version__service__provider", "application", "notice"
    )
    consent = get_object_or_404(consents, sequence=sequence)
    own = acting_membership(request)
    shown = own is not None and Consent.objects.shown_to(own).filter(pk=consent.pk).exists()
    if not shown and not request.user.has_perm("contracts.view_consent", consent):
        raise Http404
    return consent
