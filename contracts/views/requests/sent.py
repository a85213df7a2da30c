"""A request that was sent: its status, its letters and documents, questions on it, taking it back."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _

from contracts.forms.documents import DocumentForm
from contracts.lifecycle.documents import attach_document
from contracts.lifecycle.former import former_contract, last_day_of, own_requests
from contracts.models import ContractRequest
from contracts.models.request import RequestDecision
from contracts.policies.rulebooks import rulebook_for
from contracts.requests.changing.companions import shown_companions
from contracts.requests.kinds.endings import minimum_term_note
from contracts.requests.lines import changed_lines
from contracts.requests.questions import answer
from contracts.requests.registry import kind_of
from contracts.requests.verdict import verdict
from contracts.requests.withdrawal import has_begun, withdraw_request
from contracts.wording.dated_lines import dated_lines
from contracts.wording.explain import explain
from contracts.wording.reasons import request_refusal
from portal.organisations.access import OrganisationRequest, own_or_404, right_required
from portal.organisations.members.rights import Right

Act = Callable[[OrganisationRequest, ContractRequest], HttpResponse]


@right_required(Right.CONTRACTS, looking=True)
def detail(request: OrganisationRequest, number: str) -> HttpResponse:
    """The page of a request; a question is answered and documents are handed in here."""
    former = _former(request, number) if request.method == "GET" else None
    if former:
        return _as_it_stood(request, former)
    asked = _own(request, number)
    act = _ACTIONS.get(request.POST.get("action", "")) if request.method == "POST" else None
    return act(request, asked) if act else _page(request, asked)


def _own(request: OrganisationRequest, number: str) -> ContractRequest:
    return own_or_404(
        request,
        ContractRequest.objects.select_related(
            "contract__service__provider",
            "contract__organisation",
            "contract__application",
            "terms_version__service",
            "requested_by",
        ).prefetch_related("messages__by", "contract__items", "contract__particulars"),
        through="contract__organisation",
        contract="contract",
        number=number,
    )


def _former(request: OrganisationRequest, number: str) -> ContractRequest | None:
    """A request that the organisation made before somebody else took its place in the contract."""
    found = ContractRequest.objects.filter(number=number).select_related("contract").first()
    contract = former_contract(request.membership, found.contract.number) if found else None
    if contract is None:
        return None
    own = own_requests(contract, request.organisation)
    return next((asked for asked in own if asked.number == number), None)


def _as_it_stood(request: OrganisationRequest, asked: ContractRequest) -> HttpResponse:
    """A request to read, with nothing of what became of it after the contract passed on."""
    until = last_day_of(asked.contract, request.organisation)
    shown = {"former": True, "may_withdraw": False, "lines": changed_lines(asked, until)}
    if not asked.is_open:
        return _page(request, asked, **shown)
    return render(
        request,
        "contracts/requests/detail.html",
        {
            "asked": asked,
            "contract": asked.contract,
            "version": asked.terms_version,
            "day_label": kind_of(asked.kind).day_label,
            "documents": asked.documents.filter(organisation=request.organisation),
            "letters": asked.letters.filter(organisation__in=request.organisation.as_one()).order_by(
                "issued_at"
            ),
            **shown,
        },
    )


def _page(request: OrganisationRequest, asked: ContractRequest, **more: Any) -> HttpResponse:
    refused_by_staff = asked.status == asked.Status.REFUSED and asked.decided_by_id is not None
    version, decided = asked.governing_version, cast(RequestDecision, asked.decided)
    return render(
        request,
        "contracts/requests/detail.html",
        {
            "asked": asked,
            "contract": asked.contract,
            "version": version,
            "lines": changed_lines(asked),
            "companions": shown_companions(asked),
            "dates": [] if refused_by_staff else dated_lines(decided, version, planned=asked.is_planned),
            "decision": explain(decided, version),
            "verdict": verdict(asked.kind, version, decided, asked.wanted_on),
            "day_label": kind_of(asked.kind).day_label,
            "effect": version.policy.effect_of(asked.kind) if asked.counts_by_itself else None,
            "minimum_term": "" if refused_by_staff else minimum_term_note(decided),
            "refusal": request_refusal(asked) if refused_by_staff else None,
            "documents": asked.documents.filter(organisation=request.organisation),
            "letters": asked.letters.filter(organisation__in=request.organisation.as_one()).order_by(
                "issued_at"
            ),
            "may_withdraw": request.membership.may(Right.CONTRACTS) and _may_withdraw(asked),
            "document_form": DocumentForm(),
            "answer_text": "",
            "answer_errors": [],
            **more,
        },
    )


def _answer(request: OrganisationRequest, asked: ContractRequest) -> HttpResponse:
    text = request.POST.get("answer", "")
    try:
        answer(asked, request.user, text, now())
    except ValidationError as error:
        return _page(request, _own(request, asked.number), answer_text=text, answer_errors=error.messages)
    messages.success(request, _("Thank you. Your answer was sent."))
    return redirect("contracts:contract-request-detail", asked.number)


def _attach(request: OrganisationRequest, asked: ContractRequest) -> HttpResponse:
    form = DocumentForm(request.POST, request.FILES)
    if form.stored(lambda name, content: attach_document(asked, request.user, name, content, now())):
        messages.success(request, _("The document was handed in."))
        return redirect("contracts:contract-request-detail", asked.number)
    return _page(request, asked, document_form=form)


_ACTIONS: dict[str, Act] = {"answer": _answer, "attach": _attach}


@right_required(Right.CONTRACTS)
def withdraw(request: OrganisationRequest, number: str) -> HttpResponse:
    """Say what taking the request back means, and do it."""
    asked = _own(request, number)
    if request.method == "POST":
        try:
            withdraw_request(asked, request.user, now())
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("The request was withdrawn."))
        return redirect("contracts:contract-request-detail", number)
    if not _may_withdraw(asked):
        messages.warning(request, _("This request can no longer be withdrawn here."))
        return redirect("contracts:contract-request-detail", number)
    accepted = asked.status == asked.Status.ACCEPTED and not asked.waits_for_formation
    rules = rulebook_for(asked.governing_version)
    decision = rules.withdrawal_of_change(asked.kind, localdate(), accepted=accepted)
    return render(
        request,
        "contracts/requests/withdraw.html",
        {
            "asked": asked,
            "version": asked.terms_version,
            "costs": decision.costs if accepted else None,
            "decision": explain(decision, asked.terms_version),
        },
    )


def _may_withdraw(asked: ContractRequest) -> bool:
    today = localdate()
    if asked.is_open:
        return not has_begun(asked, today)
    return kind_of(asked.kind).may_undo(asked, today)
