"""An application at the desk of its sales agent: what it states, how it stands, and deciding on it."""

from io import BytesIO
from typing import Any

from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _

from contracts.applications.decide import accept_application, debts_before, refuse_application
from contracts.applications.questions import ask_applicant
from contracts.correspondence.application_pdf import application_pdf
from contracts.models import Application
from contracts.views.desk.access import DeskRequest, agents_only, own_applications
from contracts.views.desk.deciding import Deciding
from contracts.views.desk.files import shown_documents
from contracts.wording.particulars import labelled
from contracts.wording.products import product_lines
from contracts.wording.reasons import reason_choices, refusal_reason


@agents_only
def application(request: DeskRequest, number: str) -> HttpResponse:
    """All that the application states; decided on here where the terms leave that to the agent."""
    found = get_object_or_404(own_applications(request), number=number)
    version = found.governing_version
    reasons = reason_choices(version, version.policy.refusal_reasons)
    deciding = Deciding(request, found, reasons, debts=debts_before(found, now()))

    def accept(typed: dict[str, Any]) -> str:
        contract = accept_application(
            found, request.user, now(), despite_debts=typed.get("despite_debts", False)
        )
        return _("Application %(number)s is accepted: contract %(contract)s.") % {
            "number": found.number,
            "contract": contract.number,
        }

    def refuse(typed: dict[str, Any]) -> str:
        refuse_application(found, request.user, typed["refusal_reason"], typed["note"], now())
        return _("Application %(number)s is refused.") % {"number": found.number}

    def ask(typed: dict[str, Any]) -> str:
        ask_applicant(found, request.user, typed["question"], now())
        return _("The question on %(number)s is being sent.") % {"number": found.number}

    if deciding.carry_out(accept=accept, refuse=refuse, ask=ask):
        return redirect("contracts:desk-application", number)
    return render(request, "contracts/agents/application.html", _shown(found, deciding))


def _shown(found: Application, deciding: Deciding) -> dict[str, Any]:
    version = found.governing_version
    items = [(item.product, item.quantity) for item in found.items.all()]
    return {
        "application": found,
        "asked": found,
        "service": found.service,
        "version": version,
        "contract": getattr(found, "contract", None),
        "items": product_lines(version.policy, items),
        "particulars": list(labelled(version.policy, found.particulars)),
        "refusal": refusal_reason(found),
        "documents": shown_documents(found),
        "deciding": deciding,
    }


@agents_only
def pdf(request: DeskRequest, number: str) -> FileResponse:
    """The application as PDF."""
    found = get_object_or_404(own_applications(request), number=number)
    return FileResponse(
        BytesIO(application_pdf(found)),
        as_attachment=True,
        filename=f"{found.number}.pdf",
        content_type="application/pdf",
    )
