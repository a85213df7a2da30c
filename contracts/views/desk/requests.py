"""A request at the desk of the contract's sales agent: what is asked for, and deciding on it."""

from typing import Any, cast

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _

from contracts.models import ContractRequest
from contracts.models.request import RequestDecision
from contracts.requests.changing.companions import shown_companions
from contracts.requests.decide import accept_request, refuse_request
from contracts.requests.lines import changed_lines
from contracts.requests.questions import ask_back
from contracts.requests.registry import kind_of
from contracts.requests.verdict import verdict
from contracts.views.desk.access import DeskRequest, agents_only, own_requests
from contracts.views.desk.deciding import Deciding
from contracts.views.desk.files import shown_documents
from contracts.wording.dated_lines import dated_lines
from contracts.wording.explain import explain
from contracts.wording.reasons import request_refusal, request_refusal_choices


@agents_only
def asked_for(request: DeskRequest, number: str) -> HttpResponse:
    """A request with what the terms say to it; decided on here where they leave that to the agent."""
    asked = get_object_or_404(
        own_requests(request).prefetch_related(
            "messages__by", "contract__items", "contract__particulars", "contract__agents__agent"
        ),
        number=number,
    )
    deciding = Deciding(request, asked, request_refusal_choices(asked), proof=asked.rule.proof != "none")

    def accept(typed: dict[str, Any]) -> str:
        accept_request(asked, request.user, now())
        return _("Request %(number)s is accepted.") % {"number": asked.number}

    def refuse(typed: dict[str, Any]) -> str:
        refuse_request(asked, request.user, typed["refusal_reason"], typed["note"], now())
        return _("Request %(number)s is refused.") % {"number": asked.number}

    def ask(typed: dict[str, Any]) -> str:
        wanted = typed.get("document_wanted", False)
        ask_back(asked, request.user, typed["question"], now(), document_wanted=wanted)
        return _("The question on %(number)s is being sent.") % {"number": asked.number}

    if deciding.carry_out(accept=accept, refuse=refuse, ask=ask):
        return redirect("contracts:desk-request", number)
    return render(request, "contracts/agents/request.html", _shown(asked, deciding))


def _shown(asked: ContractRequest, deciding: Deciding) -> dict[str, Any]:
    version, decided = asked.governing_version, cast(RequestDecision, asked.decided)
    refused = asked.status == asked.Status.REFUSED and asked.decided_by_id is not None
    return {
        "asked": asked,
        "contract": asked.contract,
        "version": version,
        "lines": changed_lines(asked),
        "companions": shown_companions(asked),
        "dates": [] if refused else dated_lines(decided, version, planned=asked.is_planned),
        "decision": explain(decided, version),
        "verdict": verdict(asked.kind, version, decided, asked.wanted_on),
        "day_label": kind_of(asked.kind).day_label,
        "refusal": request_refusal(asked) if refused else None,
        "documents": shown_documents(asked),
        "deciding": deciding,
    }
