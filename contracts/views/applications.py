"""The application as a whole: checked before it is sent, and as it was sent."""

from io import BytesIO
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _

from contracts.applications.drafts import draft_of, send_draft
from contracts.applications.foreseen import foreseen
from contracts.applications.sent import may_withdraw
from contracts.correspondence.application_pdf import application_pdf
from contracts.forms.application_draft import DraftReading
from contracts.lifecycle.former import former_application
from contracts.models import Application, ApplicationDraft, Contract, TermsVersion
from contracts.models.fields import PaymentMethod
from contracts.views.application_steps import closed, on_offer, progress, sold_as_chosen, step_url
from contracts.views.sent_applications import own_application
from contracts.wording.next_steps import next_steps
from contracts.wording.particulars import data_statement, labelled
from contracts.wording.products import product_lines
from contracts.wording.quotations import hints_on_application, quotations
from contracts.wording.reasons import refusal_reason
from portal.organisations.access import (
    OrganisationRequest,
    may_see,
    organisation_required,
    right_required,
)
from portal.organisations.members.rights import Right


@right_required(Right.CONTRACTS, whole=True)
def confirm(request: OrganisationRequest, slug: str) -> HttpResponse:
    """Everything that was typed, to be sent. Sending twice leads to the same application."""
    service, version = on_offer(slug)
    key = _key_in(request)
    if key:
        sent = Application.objects.filter(organisation=request.organisation, submission_key=key).first()
        if sent:
            return redirect("contracts:application-detail", sent.number)
    if version is None:
        return closed(request, service)
    draft = draft_of(request.organisation, service, request.user)
    if draft is None:
        return redirect("contracts:application-new", slug)
    version = sold_as_chosen(version, draft)
    reading = DraftReading(service, version, draft, now())
    if reading.first_wrong:
        messages.warning(request, _("Please complete this step of your application."))
        return redirect(step_url(service, type(reading.first_wrong)) + "?check=1")
    if key:
        return _send(request, reading, key)
    data = reading.data
    at = now()
    order = list(data.quantities.items())
    return render(
        request,
        "contracts/application_confirm.html",
        {
            "service": service,
            "version": version,
            "data": data,
            "data_statement": data_statement(version),
            "items": product_lines(version.policy, order),
            "particulars": list(labelled(version.policy, {**data.company, **data.particulars})),
            "payment_method": PaymentMethod(data.payment_method).label,
            "quotations": quotations(version.policy, data.quantities),
            "hints": hints_on_application(version.policy, data.quantities),
            "attached": reading.documents,
            "draft": draft,
            "announced": TermsVersion.objects.announced(service, localdate()).first(),
            "foreseen": foreseen(version, data.wanted_start_on, at, at),
            "change_urls": {key: step_url(service, type(form)) for key, form in reading.forms.items()},
            "back_url": step_url(service, type(list(reading.forms.values())[-1])),
            "progress": progress(service, version.policy),
            "current": len(reading.forms) + 1,
            "waiting": Application.objects.shown_to(request.membership).filter(
                service=service, status=Application.Status.SUBMITTED
            ),
        },
    )


@organisation_required
def detail(request: OrganisationRequest, number: str) -> HttpResponse:
    """An application with its reception number, its status, and what happens next.

    Who had the contract before a succession sees it as it stood then.
    """
    former = former_application(request.membership, number)
    application = former or own_application(request, number)
    version = application.governing_version
    quantities = {item.product: item.quantity for item in application.items.all()}
    undecided = application.status == application.Status.SUBMITTED and not former
    return render(
        request,
        "contracts/application_detail.html",
        {
            "application": application,
            "data_statement": application.data_statement,
            "service": application.service,
            "version": version,
            "contract": Contract.objects.filter(application=application).first(),
            "items": product_lines(version.policy, quantities.items()),
            "quantities": quantities,
            "applied_on": localdate(application.submitted_at),
            "foreseen": foreseen(version, application.wanted_start_on, application.submitted_at, now())
            if undecided
            else None,
            "quotations": quotations(version.policy, quantities),
            "progress": progress(application.service, version.policy, sent=True),
            "particulars": list(labelled(version.policy, application.particulars)),
            "refusal": refusal_reason(application),
            "next_steps": list(next_steps(version.policy)),
            "documents": application.documents.filter(organisation=request.organisation),
            "letters": application.letters.filter(organisation__in=request.organisation.as_one()).order_by(
                "issued_at"
            ),
            "may_withdraw": former is None
            and request.membership.may(Right.CONTRACTS)
            and may_withdraw(application, now()),
            "former": former is not None,
        },
    )


@login_required
def pdf(request: HttpRequest, number: str) -> FileResponse:
    """The application as PDF, for who sent it or acts for it now, and for staff who may see applications."""
    application = get_object_or_404(
        Application.objects.select_related(
            "service__provider", "terms_version__service", "organisation", "applicant"
        ),
        number=number,
    )
    its_own = {application.organisation_id, application.acting_organisation.pk}
    contract, permission = application.contract_pk, "contracts.view_application"
    if not any(may_see(request, one, permission, application, contract) for one in its_own):
        raise Http404
    return FileResponse(
        BytesIO(application_pdf(application)),
        as_attachment=True,
        filename=f"{application.number}.pdf",
        content_type="application/pdf",
    )


def _key_in(request: OrganisationRequest) -> UUID | None:
    """The key that the page which shows the draft sent back; None for a page that is only looked at."""
    if request.method != "POST":
        return None
    try:
        return UUID(request.POST.get("submission_key", ""))
    except ValueError:
        return None


def _send(request: OrganisationRequest, reading: DraftReading, key: UUID) -> HttpResponse:
    draft: ApplicationDraft = reading.draft
    try:
        application = send_draft(draft, key, reading.data, now(), get_adapter().get_client_ip(request))
    except ValidationError as error:
        for message in error.messages:
            messages.warning(request, message)
        return redirect("contracts:application-new", draft.service.slug)
    return redirect("contracts:application-detail", application.number)
