"""The contents of a contract changed in one form: typed, looked at with what follows, sent."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contracts.forms.problems import add_problems
from contracts.models import Contract, ContractRequest
from contracts.requests.changing.form import ChangeForm
from contracts.requests.changing.judging import better_day, costs_of, earliest_for_all, judge
from contracts.requests.changing.rows import Changeable, changeable
from contracts.requests.changing.sending import Sending, sent_before, submit_changes
from portal.organisations.access import OrganisationRequest, own_or_404, right_required
from portal.organisations.members.rights import Right


@right_required(Right.CONTRACTS)
def change(request: OrganisationRequest, number: str) -> HttpResponse:
    """The page of the form. What to do with what was typed is the value of `action`."""
    contract = own_or_404(
        request,
        Contract.objects.select_related(
            "service__provider", "contracted_version__service", "application", "organisation"
        ).prefetch_related("items", "suspensions", "requests", "agreements"),
        contract="pk",
        number=number,
    )
    key = _key(request)
    if key and (sent := sent_before(contract, key)):
        return _to_sent(sent)
    found = changeable(contract, now())
    if found is None:
        messages.warning(request, _("This can't be asked for on this contract now."))
        return redirect("contracts:contract-detail", contract.number)
    if request.method != "POST":
        return _form_page(request, ChangeForm(found))
    return _act(request, found)


def _act(request: OrganisationRequest, found: Changeable) -> HttpResponse:
    match request.POST.get("action"):
        case "send":
            return _send(request, ChangeForm(found, request.POST), found.at)
        case "confirm":
            return _confirm(request, ChangeForm(found, request.POST))
        case "earliest" | "better" as which:
            typed = {**request.POST.dict(), "starts_on": request.POST.get(which, "")}
            return _unfinished(request, ChangeForm(found, typed))
        case _:
            return _unfinished(request, ChangeForm(found, request.POST))


def _form_page(
    request: OrganisationRequest, form: ChangeForm, what_follows: Mapping[str, Any] | None = None
) -> HttpResponse:
    context = {
        "form": form,
        "contract": form.changeable.contract,
        "version": form.changeable.version,
        **(what_follows or {}),
    }
    return render(request, "contracts/requests/change.html", context)


def _unfinished(request: OrganisationRequest, form: ChangeForm) -> HttpResponse:
    """The form as it is, with what would follow from it so far; for htmx that alone."""
    what_follows = _what_follows(form) if form.is_valid() else {"problems": _problems(form)}
    form.without_errors()
    if request.htmx:
        context = {"contract": form.changeable.contract, **what_follows}
        return render(request, "contracts/requests/_change_follows.html", context)
    return _form_page(request, form, what_follows)


def _problems(form: ChangeForm) -> list[str]:
    return [
        f"{form.fields[name].label}: {problem}" if name in form.fields else str(problem)
        for name, problems in form.errors.items()
        for problem in problems
    ]


def _what_follows(form: ChangeForm) -> dict[str, Any]:
    """What the terms say to each line of a valid form, and what all of it costs."""
    found, wanted = form.changeable, form.wanted
    lines = judge(found, wanted)
    return {
        "lines": lines,
        "possible": all(line.possible for line in lines),
        "costs": costs_of(found, lines),
        "better": better_day(found, wanted, lines),
        "earliest": earliest_for_all(lines),
        "wanted": wanted,
    }


def _confirm(request: OrganisationRequest, form: ChangeForm) -> HttpResponse:
    """Everything on one page before it is sent; what the terms refuse stays on the form."""
    if not form.is_valid():
        return _form_page(request, form)
    what_follows = _what_follows(form)
    if not what_follows["possible"]:
        return _form_page(request, form, what_follows)
    lines = what_follows["lines"]
    notes = {note.text: note for line in lines for note in line.notes}
    return render(
        request,
        "contracts/requests/change_confirm.html",
        {
            "form": form,
            "contract": form.changeable.contract,
            "version": form.changeable.version,
            "notes": list(notes.values()),
            "submission_key": uuid4(),
            "confirming": True,
            **what_follows,
        },
    )


def _send(request: OrganisationRequest, form: ChangeForm, at: datetime) -> HttpResponse:
    key = _key(request)
    if key is None or not form.is_valid():
        return _confirm(request, form)
    sending = Sending(key, form.wanted, form.all_or_nothing)
    try:
        sent = submit_changes(form.changeable.contract, request.user, sending, at)
    except ValidationError as error:
        add_problems(form, error)
        return _form_page(request, form)
    said = ngettext("%(count)s request was sent.", "%(count)s requests were sent.", len(sent))
    messages.success(request, said % {"count": len(sent)})
    return _to_sent(sent)


def _key(request: OrganisationRequest) -> UUID | None:
    """The key of the page that something is sent from; None where there is none."""
    try:
        return UUID(request.POST.get("submission_key", ""))
    except ValueError:
        return None


def _to_sent(sent: list[ContractRequest]) -> HttpResponse:
    return redirect("contracts:contract-request-detail", sent[0].number)
