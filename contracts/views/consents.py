"""Renewed consent: a customer agrees to a new version or refuses; and certificates of consent."""

import logging
from io import BytesIO

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
from contracts.consents.renewals import concerned, last_answer, may_answer, renewal_of
from contracts.models import Consent, Contract, TermsVersion
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

ANSWERS = {"agree": renew_consent, "refuse": refuse_renewal}


@right_required(Right.CONTRACTS)
def renewal(request: OrganisationRequest, slug: str, version: str) -> HttpResponse:
    """Ask for consent to a new version: what it is, from when it holds, what follows from refusing."""
    asked = get_object_or_404(
        TermsVersion.objects.published().select_related("service__provider"), service__slug=slug, name=version
    )
    found = renewal_of(asked)
    contracts = concerned(asked, localdate()) & Contract.objects.shown_to(request.membership)
    if found is None or not found.may_be_refused or not contracts.exists():
        raise Http404
    if not may_answer(request.membership, asked, localdate()):
        return not_allowed(request, Right.CONTRACTS)
    if request.method == "POST":
        return _answered(request, asked)
    refusal = found.rule.refusal
    return render(
        request,
        "contracts/consent_renewal.html",
        {
            "service": asked.service,
            "version": asked,
            "previous": found.previous,
            "rule": found.rule,
            "consequence": localised(refusal.text) if refusal else "",
            "consequence_articles": refusal.article if refusal else (),
            "comparison_url": comparison_url(asked, found.previous),
            "answer": last_answer(request.organisation, asked),
            "may_wait": asked.effective_on > localdate(),
        },
    )


def _answered(request: OrganisationRequest, version: TermsVersion) -> HttpResponse:
    operation = ANSWERS.get(request.POST.get("answer", ""))
    if operation is None:
        messages.error(request, _("Choose whether your organisation agrees or refuses."))
        return redirect("contracts:consent-renewal", version.service.slug, version.name)
    try:
        consent = operation(
            request.organisation, request.user, version, now(), get_adapter().get_client_ip(request)
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("contracts:consent-renewal", version.service.slug, version.name)
    if consent.how == Consent.How.REFUSED:
        messages.warning(request, _("Your refusal is recorded. The provider has been told of it."))
    else:
        messages.success(request, _("Thank you. Your consent is recorded."))
    return redirect("contracts:contract-list")


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
