"""A move, or a new name, reported once: the form, what it becomes on each contract, sending it."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contracts.forms.problems import add_problems
from contracts.requests.company.forms import MoveForm, RenameForm
from contracts.requests.company.reported import Report
from contracts.requests.company.reports import plan, send_report
from contracts.wording.particulars import label_of
from portal.organisations.access import OrganisationRequest, right_required
from portal.organisations.addresses import LOOK_UP, address_for, with_address
from portal.organisations.members.rights import Right

_WORDS: dict[type[Any], dict[str, Any]] = {
    MoveForm: {
        "title": gettext_lazy("Report a move"),
        "lead": gettext_lazy(
            "Enter it once. You see what your contracts ask for, and then send all reports together."
        ),
    },
    RenameForm: {
        "title": gettext_lazy("Report a new name"),
        "lead": gettext_lazy(
            "Enter it once. Each contract takes the new name by the procedure of its own terms."
        ),
    },
}
_CHOOSING = "choosing"
_CHOSEN = "contract"


@right_required(Right.CONTRACTS, whole=True)
def move(request: OrganisationRequest) -> HttpResponse:
    """Report a move once, for all contracts that it concerns."""
    return _page(request, MoveForm)


@right_required(Right.CONTRACTS, whole=True)
def rename(request: OrganisationRequest) -> HttpResponse:
    """Report a new name once, for all contracts."""
    return _page(request, RenameForm)


def _page(request: OrganisationRequest, form_class: type[MoveForm] | type[RenameForm]) -> HttpResponse:
    if request.method != "POST":
        return _entered(request, form_class(request.organisation))
    if LOOK_UP in request.POST:
        found = address_for(request.POST)
        form = form_class(request.organisation, with_address(request.POST.dict(), found))
        form.without_errors()
        return _entered(request, form, found=found)
    form = form_class(request.organisation, request.POST)
    if request.POST.get("action") == "change":
        form.without_errors()
        return _entered(request, form)
    if not form.is_valid():
        return _entered(request, form)
    if request.POST.get("action") == "send":
        return _send(request, form, now())
    return _preview(request, form, form.report(), now())


def _entered(request: OrganisationRequest, form: MoveForm | RenameForm, **context: Any) -> HttpResponse:
    shown = {"form": form, **_WORDS[type(form)], **context}
    return render(request, "contracts/company/report.html", shown)


def _preview(
    request: OrganisationRequest, form: MoveForm | RenameForm, report: Report, at: datetime
) -> HttpResponse:
    """What the report becomes on each contract, with deadline and article, before anything is sent."""
    found = plan(request.organisation, report, at)
    own = [
        (label_of(key), getattr(request.organisation, key), value)
        for key, value in report.own.items()
        if getattr(request.organisation, key) != value
    ]
    if not found.planned and not own:
        form.add_error(None, _("Nothing would change."))
        return _entered(request, form)
    return render(
        request,
        "contracts/company/report_confirm.html",
        {
            **_WORDS[type(form)],
            "form": form,
            "plan": found,
            "own": own,
            "report": report,
            "without": _left_out(request, [one.contract.number for one in found.planned]),
            "submission_key": uuid4(),
        },
    )


def _left_out(request: OrganisationRequest, numbers: list[str]) -> list[str]:
    """The contracts that were offered and not chosen; none before there was a choice."""
    if _CHOOSING not in request.POST:
        return []
    chosen = request.POST.getlist(_CHOSEN)
    return [number for number in numbers if number not in chosen]


def _send(request: OrganisationRequest, form: MoveForm | RenameForm, at: datetime) -> HttpResponse:
    report = form.report()
    try:
        key = UUID(request.POST.get("submission_key", ""))
    except ValueError:
        return _preview(request, form, report, at)
    offered = [one.contract.number for one in plan(request.organisation, report, at).planned]
    try:
        sent = send_report(request.organisation, request.user, report, at, key, _left_out(request, offered))
    except ValidationError as error:
        add_problems(form, error)
        return _entered(request, form)
    messages.success(request, _told([one.number for one in sent]))
    return redirect("contracts:company")


def _told(numbers: list[str]) -> str:
    if not numbers:
        return _("It is noted. No contract asks for a report.")
    told = ngettext(
        "It is reported, with %(count)s request: %(numbers)s.",
        "It is reported, with %(count)s requests: %(numbers)s.",
        len(numbers),
    )
    return told % {"count": len(numbers), "numbers": _(", ").join(numbers)}
