"""Asking for something on a contract: the form with its live deadline, the confirmation page, sending."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _

from contracts.forms.problems import add_problems
from contracts.models import Contract, ContractRequest
from contracts.requests.decide import submit_request
from contracts.requests.form import RequestForm
from contracts.requests.kinds.endings import open_ending
from contracts.requests.lines import changed_lines
from contracts.requests.offer import Offer
from contracts.requests.registry import KINDS, drafted, form_for, kind_of, offer_of
from contracts.requests.verdict import Verdict, verdict
from contracts.requests.what_if.asking import Answer, ask
from contracts.wording.dated_lines import dated_lines
from portal.organisations.access import OrganisationRequest, own_or_404, right_required
from portal.organisations.addresses import LOOK_UP, FoundAddress, address_for, with_address
from portal.organisations.members.rights import Right

_FROM_THE_ADDRESS = ("wanted_on", "product", "quantity")
"""What a question about the same (what if?) may bring along."""


@right_required(Right.CONTRACTS)
def new(request: OrganisationRequest, number: str, kind: str) -> HttpResponse:
    """The page of one kind of request. What to do with what was typed is the value of `action`."""
    if kind not in KINDS:
        raise Http404
    contract = own_or_404(
        request,
        Contract.objects.select_related(
            "service__provider", "contracted_version__service", "application", "organisation"
        ).prefetch_related("items", "suspensions", "requests", "particulars", "authorised_users"),
        contract="pk",
        number=number,
    )
    sent = _sent_before(request, contract)
    if sent:
        return _to_request(sent)
    at = now()
    offer = offer_of(contract, kind, at)
    if offer is None:
        return _not_offered(request, contract)
    if request.method != "POST":
        form = form_for(offer)
        form.initial = {field: request.GET[field] for field in _FROM_THE_ADDRESS if field in request.GET}
        return _form_page(request, offer, form, at)
    return _act(request, offer, at)


def _act(request: OrganisationRequest, offer: Offer, at: datetime) -> HttpResponse:
    if LOOK_UP in request.POST:
        return _with_address(request, offer, at)
    match request.POST.get("action"):
        case "send":
            return _send(request, offer, at)
        case "confirm":
            return _confirm(request, offer, at)
        case "add":
            return _unfinished(request, offer, kind_of(offer.kind).form.with_one_more(request.POST), at)
        case "earliest":
            earliest = request.POST.get("earliest", "")
            return _unfinished(request, offer, {**request.POST.dict(), "wanted_on": earliest}, at)
        case _:
            return _unfinished(request, offer, request.POST, at)


def _form_page(
    request: OrganisationRequest,
    offer: Offer,
    form: RequestForm,
    at: datetime,
    found: Verdict | None = None,
    address: FoundAddress | None = None,
) -> HttpResponse:
    answered = found or _by_day(offer, form, at)
    return render(
        request,
        "contracts/requests/new.html",
        {
            "offer": offer,
            "contract": offer.contract,
            "version": offer.version,
            "form": form,
            "verdict": answered,
            "notes": list(kind_of(offer.kind).notes(offer, None)),
            "found": address,
        },
    )


def _with_address(request: OrganisationRequest, offer: Offer, at: datetime) -> HttpResponse:
    """The form as it is, with the address of a postal code filled in, where no script does that."""
    address = address_for(request.POST)
    form = form_for(offer, with_address(request.POST.dict(), address))
    form.without_errors()
    return _form_page(request, offer, form, at, address=address)


def _unfinished(
    request: OrganisationRequest, offer: Offer, typed: Mapping[str, Any], at: datetime
) -> HttpResponse:
    """The form as it is, with what the terms say to the day so far; for htmx that alone."""
    form = form_for(offer, typed)
    found, problems = _so_far(offer, form, at)
    form.without_errors()
    if request.htmx:
        context = {"verdict": found, "problems": problems, "version": offer.version}
        return render(request, "contracts/requests/_verdict.html", context)
    for problem in problems:
        messages.warning(request, problem)
    return _form_page(request, offer, form, at, found)


def _so_far(offer: Offer, form: RequestForm, at: datetime) -> tuple[Verdict | None, list[str]]:
    """What the terms say to a form that may not be finished, and what stands against it."""
    by_day = _by_day(offer, form, at)
    if not form.is_valid():
        return by_day, [str(problem) for problem in form.errors.get("wanted_on", [])]
    try:
        answer = ask(offer.contract, offer.kind, form.request_data(), at)
    except ValidationError as error:
        return by_day, error.messages
    return _of_answer(offer, form, answer), []


def _by_day(offer: Offer, form: RequestForm, at: datetime) -> Verdict | None:
    day = form.day
    if day is None and form.fields["wanted_on"].required:
        return None
    return verdict(offer.kind, offer.version, kind_of(offer.kind).by_dates(offer, day, at), day)


def _of_answer(offer: Offer, form: RequestForm, answer: Answer) -> Verdict:
    return verdict(offer.kind, answer.version, answer.decision, form.day)


def _judged(offer: Offer, form: RequestForm, at: datetime) -> Answer | None:
    """What would be decided; None where the form is not right, with the objections at its fields."""
    if not form.is_valid():
        return None
    try:
        return ask(offer.contract, offer.kind, form.request_data(), at)
    except ValidationError as error:
        add_problems(form, error)
        return None


def _confirm(request: OrganisationRequest, offer: Offer, at: datetime) -> HttpResponse:
    """Everything on one page before it is sent; what the terms refuse stays on the form."""
    form = form_for(offer, request.POST)
    answer = _judged(offer, form, at)
    if answer is None:
        return _form_page(request, offer, form, at)
    found = _of_answer(offer, form, answer)
    if found.refused:
        return _form_page(request, offer, form, at, found)
    asked = drafted(offer.contract, offer.kind, form.request_data(), at)
    asked.decided = answer.decision
    return render(
        request,
        "contracts/requests/confirm.html",
        {
            "offer": offer,
            "contract": offer.contract,
            "version": answer.version,
            "form": form,
            "answer": answer,
            "verdict": found,
            "lines": changed_lines(asked),
            "dates": dated_lines(answer.decision, answer.version, planned=asked.is_planned),
            "notes": [
                *kind_of(offer.kind).notes(offer, answer.decision),
                *kind_of(offer.kind).hints(asked),
            ],
            "once": kind_of(offer.kind).charged_once(asked),
            "submission_key": uuid4(),
        },
    )


def _send(request: OrganisationRequest, offer: Offer, at: datetime) -> HttpResponse:
    form = form_for(offer, request.POST)
    if not form.is_valid():
        return _form_page(request, offer, form, at)
    try:
        key = UUID(request.POST.get("submission_key", ""))
    except ValueError:
        return _confirm(request, offer, at)
    try:
        asked = submit_request(offer.contract, request.user, offer.kind, form.request_data(), at, key)
    except ValidationError as error:
        add_problems(form, error)
        return _form_page(request, offer, form, at)
    return _to_request(asked)


def _sent_before(request: OrganisationRequest, contract: Contract) -> ContractRequest | None:
    """The request that was already sent from the same confirmation page."""
    try:
        key = UUID(request.POST.get("submission_key", ""))
    except ValueError:
        return None
    return ContractRequest.objects.filter(contract=contract, submission_key=key).first()


def _not_offered(request: OrganisationRequest, contract: Contract) -> HttpResponse:
    """Lead to the request to end the contract that is open already, or back to the contract."""
    ending = open_ending(contract)
    if ending:
        messages.info(request, _("The end of this contract was already asked for; this is the request."))
        return _to_request(ending)
    messages.warning(request, _("This can't be asked for on this contract now."))
    return redirect("contracts:contract-detail", contract.number)


def _to_request(asked: ContractRequest) -> HttpResponse:
    return redirect("contracts:contract-request-detail", asked.number)
