"""What would follow: questions to a contract that are answered and neither sent nor stored."""

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.timezone import localdate, now

from contracts.forms.problems import add_problems
from contracts.models import Contract
from contracts.requests.registry import offers
from contracts.requests.what_if.asking import Answer, ask
from contracts.requests.what_if.form import Question, WhatIfForm, questions
from contracts.views.seen import acts_on, seen_contract
from contracts.wording.products import product_lines

_DAYS = (
    "ends_on",
    "effective_on",
    "billed_from_on",
    "billed_through_on",
    "open_debts_due_on",
    "minimum_ends_on",
)
_FIELDS = ("wanted_on", "product", "quantity")


@login_required
def what_if(request: HttpRequest, number: str) -> HttpResponse:
    """Answer what a request of the kind `kind` would lead to; its fields are the query's."""
    contracts = Contract.objects.select_related(
        "service__provider", "contracted_version__service", "application", "organisation"
    ).prefetch_related("items", "suspensions", "requests__terms_version__service")
    contract = seen_contract(request, contracts, number)
    at = now()
    asked = questions(offers(contract, at))
    context: dict[str, Any] = {"contract": contract, "questions": asked}
    question = _chosen(asked, request.GET.get("kind", ""))
    if question:
        form = _form(request, question)
        answer = _answer(contract, question, form, at)
        context |= {
            "question": question,
            "form": form,
            "answer": answer,
            "days": _days(answer),
            "items": _items(answer),
            "send_url": _send_url(contract, question, answer, form) if acts_on(request, contract) else "",
        }
    page = "contracts/_what_if.html" if getattr(request, "htmx", False) else "contracts/what_if.html"
    response = render(request, page, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _chosen(asked: list[Question], kind: str) -> Question | None:
    """The question of a kind; without a kind the first one. Http404 for a kind that can't be asked about."""
    if not kind:
        return asked[0] if asked else None
    for question in asked:
        if question.kind == kind:
            return question
    raise Http404


def _form(request: HttpRequest, question: Question) -> WhatIfForm:
    """What was asked; an ending is answered for the earliest day before anything is typed."""
    typed = any(field in request.GET for field in _FIELDS)
    if typed:
        return WhatIfForm(question, localdate(), request.GET)
    return WhatIfForm(question, localdate(), {} if question.offer.ends_contract else None)


def _answer(contract: Contract, question: Question, form: WhatIfForm, at: datetime) -> Answer | None:
    if not form.is_valid():
        return None
    try:
        return ask(contract, question.kind, form.request_data(), at)
    except ValidationError as error:
        add_problems(form, error)
        return None


def _days(answer: Answer | None) -> dict[str, date | datetime | None]:
    """The dates of an answer; `earliest_on` is what is still possible where it is refused."""
    if answer is None:
        return {}
    decision = answer.decision
    days = {fact: getattr(decision, fact, None) for fact in _DAYS}
    return {**days, "in_time_until": decision.last_moment, "earliest_on": decision.earliest_on}


def _items(answer: Answer | None) -> list[Any]:
    if answer is None or not answer.items:
        return []
    return product_lines(answer.version.policy, answer.items.items())


def _send_url(contract: Contract, question: Question, answer: Answer | None, form: WhatIfForm) -> str:
    """Where the same is asked for in earnest; empty for what would be refused."""
    if answer is None or answer.outcome == "refused":
        return ""
    typed = {field: form.cleaned_data[field] for field in _FIELDS if form.cleaned_data.get(field) is not None}
    address = reverse("contracts:contract-request-new", args=[contract.number, question.kind])
    return f"{address}?{urlencode(typed)}" if typed else address
