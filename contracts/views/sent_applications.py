"""What customers do with an application that was sent: documents for it, and withdrawing it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _

from contracts.applications.identity import hand_in_identity, is_awaited
from contracts.applications.judging import judge_withdrawal
from contracts.applications.questions import answer_question
from contracts.applications.sent import may_withdraw
from contracts.applications.withdrawal import withdraw_application
from contracts.forms.documents import DocumentForm
from contracts.lifecycle.documents import attach_document
from contracts.lifecycle.former import former_application
from contracts.models import Application
from contracts.wording.explain import explain
from portal.organisations.access import OrganisationRequest, right_required
from portal.organisations.members.rights import Right


@right_required(Right.CONTRACTS, looking=True)
def documents(request: OrganisationRequest, number: str) -> HttpResponse:
    """The documents of an application; more can be handed in until it is decided."""
    application = own_application(request, number)
    awaited = is_awaited(application)
    proves_identity = request.POST.get("action") == "identity"
    form, identity_form = DocumentForm(), DocumentForm(auto_id="identity_%s")
    if request.method == "POST":
        hand_in = hand_in_identity if proves_identity else attach_document
        sent = DocumentForm(
            request.POST, request.FILES, auto_id="identity_%s" if proves_identity else "id_%s"
        )
        form, identity_form = (form, sent) if proves_identity else (sent, identity_form)
        if sent.stored(lambda name, content: hand_in(application, request.user, name, content, now())):
            messages.success(request, _("The document was handed in."))
            return redirect("contracts:application-documents", number)
    return render(
        request,
        "contracts/requests/application_documents.html",
        {
            "application": application,
            "documents": application.documents.filter(organisation=request.organisation),
            "document_form": form,
            "identity_form": identity_form,
            "identity_awaited": awaited,
        },
    )


@right_required(Right.CONTRACTS, looking=True)
def questions(request: OrganisationRequest, number: str) -> HttpResponse:
    """The provider's questions on an application; an open one is answered here.

    Who had the contract before a succession reads what was said until then.
    """
    former = former_application(request.membership, number) if request.method == "GET" else None
    application = former or own_application(request, number)
    text, errors = request.POST.get("answer", ""), []
    if request.method == "POST":
        try:
            answer_question(application, request.user, text, now())
        except ValidationError as error:
            errors = error.messages
        else:
            messages.success(request, _("Thank you. Your answer was sent."))
            return redirect("contracts:application-detail", number)
    return render(
        request,
        "contracts/requests/application_questions.html",
        {
            "asked": application,
            "contract": application,
            "waits_for_answer": former is None and application.is_asked_back,
            "answer_text": text,
            "answer_errors": errors,
        },
    )


@right_required(Right.CONTRACTS)
def withdraw(request: OrganisationRequest, number: str) -> HttpResponse:
    """Say what withdrawing the application means by its terms, and do it."""
    application = own_application(request, number)
    if request.method == "POST":
        try:
            withdraw_application(application, request.user, now())
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("The application was withdrawn."))
        return redirect("contracts:application-detail", number)
    if not may_withdraw(application, now()):
        messages.warning(request, _("This application can no longer be withdrawn."))
        return redirect("contracts:application-detail", number)
    decision = judge_withdrawal(application, now())
    return render(
        request,
        "contracts/requests/application_withdraw.html",
        {
            "application": application,
            "version": application.terms_version,
            "costs": decision.costs,
            "decision": explain(decision, application.terms_version),
        },
    )


def own_application(request: OrganisationRequest, number: str) -> Application:
    """The application that the request's organisation acts for; otherwise Http404."""
    applications = Application.objects.shown_to(request.membership).select_related(
        "service__provider", "terms_version__service", "organisation", "applicant"
    )
    return get_object_or_404(applications, number=number)
