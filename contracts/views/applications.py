"""Applying for a service: the form, the confirmation page, and the application that was sent."""

from uuid import UUID

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _

from contracts.forms.application import ApplicationForm
from contracts.forms.problems import add_problems
from contracts.models import Application, Contract, Service, TermsVersion
from contracts.models.fields import PaymentMethod
from contracts.next_steps import next_steps
from contracts.operations.application_checks import check_application
from contracts.operations.applications import submit_application
from contracts.particulars import labelled
from contracts.products_shown import product_lines
from contracts.reasons import refusal_reason
from contracts.sent_applications import may_withdraw
from contracts.views.drafts import Draft, draft_of, drop_draft, keep_draft
from portal.organisations.access import OrganisationRequest, organisation_required, own_or_404


@organisation_required
def apply(request: OrganisationRequest, slug: str) -> HttpResponse:
    """The form; what was typed before comes back with it."""
    service, version = _on_offer(slug)
    if version is None:
        return render(request, "contracts/application_closed.html", {"service": service})
    draft = draft_of(request, service)
    if request.method == "POST":
        form = ApplicationForm(version, request.POST)
        if _may_be_sent(form, service):
            keep_draft(request, service, request.POST.dict())
            return redirect("contracts:application-confirm", slug)
    else:
        form = ApplicationForm(version, initial=_typed(draft, version))
    return render(
        request, "contracts/application_form.html", {"service": service, "version": version, "form": form}
    )


@organisation_required
def confirm(request: OrganisationRequest, slug: str) -> HttpResponse:
    """Everything that was typed, to be sent. Sending twice leads to the same application."""
    service, version = _on_offer(slug)
    if request.method == "POST":
        sent = _sent_before(request)
        if sent:
            return redirect("contracts:application-detail", sent.number)
    draft = draft_of(request, service)
    if draft is None or version is None:
        return redirect("contracts:application-new", slug)
    form = ApplicationForm(version, draft.fields)
    if not _may_be_sent(form, service):
        messages.warning(request, _("Please look through your application again."))
        return redirect("contracts:application-new", slug)
    if request.method == "POST":
        if request.POST.get("submission_key") == draft.key:
            return _send(request, service, form, draft)
        messages.warning(request, _("Your application was changed on another page. Please check it again."))
    data = form.application_data()
    return render(
        request,
        "contracts/application_confirm.html",
        {
            "service": service,
            "version": version,
            "form": form,
            "data": data,
            "items": product_lines(version.policy, data.quantities.items()),
            "particulars": list(labelled(version.policy, data.particulars)),
            "payment_method": PaymentMethod(data.payment_method).label,
            "draft": draft,
        },
    )


@organisation_required
def detail(request: OrganisationRequest, number: str) -> HttpResponse:
    """An application with its reception number, its status, and what happens next."""
    application = own_or_404(
        request,
        Application.objects.select_related(
            "service__provider", "terms_version__service", "organisation", "applicant"
        ).prefetch_related("items"),
        number=number,
    )
    version = application.terms_version
    return render(
        request,
        "contracts/application_detail.html",
        {
            "application": application,
            "service": application.service,
            "version": version,
            "contract": Contract.objects.filter(application=application).first(),
            "items": product_lines(
                version.policy, ((item.product, item.quantity) for item in application.items.all())
            ),
            "particulars": list(labelled(version.policy, application.particulars)),
            "refusal": refusal_reason(application),
            "next_steps": list(next_steps(version.policy)),
            "documents": application.documents.filter(organisation=request.organisation),
            "letters": application.letters.filter(organisation=request.organisation).order_by("issued_at"),
            "may_withdraw": may_withdraw(application, now()),
        },
    )


def _on_offer(slug: str) -> tuple[Service, TermsVersion | None]:
    service = get_object_or_404(Service.objects.select_related("provider"), slug=slug)
    return service, TermsVersion.objects.in_force(service, localdate())


def _typed(draft: Draft | None, version: TermsVersion) -> dict[str, str]:
    """What fills the form again; the version is always the one that is shown now."""
    if draft is None:
        return {}
    kept = {**draft.fields, "version": version.name}
    if draft.fields.get("version") != version.name:
        kept.pop("consent", None)
    return kept


def _may_be_sent(form: ApplicationForm, service: Service) -> bool:
    """Whether it could be read and the operations have nothing against it; what they object to is added."""
    form.full_clean()
    try:
        check_application(service, form.application_data(), now())
    except ValidationError as error:
        add_problems(form, error)
    return form.is_valid()


def _sent_before(request: OrganisationRequest) -> Application | None:
    try:
        key = UUID(request.POST.get("submission_key", ""))
    except ValueError:
        return None
    return Application.objects.filter(organisation=request.organisation, submission_key=key).first()


def _send(
    request: OrganisationRequest, service: Service, form: ApplicationForm, draft: Draft
) -> HttpResponse:
    try:
        application = submit_application(
            service,
            request.organisation,
            request.user,
            form.application_data(),
            draft.submission_key,
            now(),
            get_adapter().get_client_ip(request),
        )
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
        return redirect("contracts:application-new", service.slug)
    drop_draft(request, service)
    return redirect("contracts:application-detail", application.number)
