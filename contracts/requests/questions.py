"""Questions of staff on a request that waits for a decision, and the customer's answers."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contracts.correspondence import contract_mails as mail
from contracts.deciding.agents import agent_deciding, told_of_agent
from contracts.deciding.guards import field_error, locked_contract, locked_undecided
from contracts.models import ContractRequest, RequestMessage
from contracts.receipts.received import Received, ensure_asked_by, keep_paper
from portal.audit.record import record
from portal.organisations.models import User

Status = ContractRequest.Status


@transaction.atomic
def ask_back(
    request: ContractRequest, staff: User, question: str, at: datetime, *, document_wanted: bool = False
) -> RequestMessage:
    """Ask the customer something before deciding; the request then waits for the answer.

    `document_wanted`: it can't be accepted before a document is handed in. ValidationError names `question`,
    says that the terms ask for no proof, or who was first, and as for `agent_deciding`.
    """
    contract = locked_contract(request.contract)
    current = locked_undecided(request)
    agent = agent_deciding(staff, current, at)
    if not question.strip():
        raise ValidationError({"question": _("Enter your question.")})
    if document_wanted:
        if current.rule.proof == "none":
            raise field_error("document_wanted", _("The terms ask for no proof here."), "not_provided")
        current.proof_wanted = True
    current.status = Status.ASKED_BACK
    current.save()
    message = _message(current, RequestMessage.Kind.QUESTION, question, staff, at)
    mail.question_asked(message.pk)
    record(
        "request.asked_back",
        staff,
        contract,
        number=current.number,
        at=at,
        **told_of_agent(agent),
        personal={"question": message.text},
    )
    return message


@transaction.atomic
def answer(
    request: ContractRequest, person: User, text: str, at: datetime, *, received: Received | None = None
) -> RequestMessage:
    """Answer the question on a request, which then waits for staff again; staff do what was `received`.

    ValidationError names `answer`, or says that the request waits for no answer (any more), or that the
    person may not act for the contract (`not_acting`, `no_right`).
    """
    contract = locked_contract(request.contract)
    ensure_asked_by(person, contract.organisation, received, request.governing_version, contract.pk)
    current = locked_undecided(request)
    if current.status != Status.ASKED_BACK:
        raise ValidationError(_("There is no open question on this request."), code="not_asked")
    if not text.strip():
        raise ValidationError({"answer": _("Enter your answer.")})
    current.status = Status.SUBMITTED
    current.save()
    message = _message(current, RequestMessage.Kind.ANSWER, text, person, at)
    mail.question_answered(message.pk)
    record(
        "request.answered",
        person,
        contract,
        number=current.number,
        at=at,
        **keep_paper(current, received),
        personal={"answer": message.text},
    )
    return message


def _message(
    request: ContractRequest, kind: RequestMessage.Kind, text: str, by: User, at: datetime
) -> RequestMessage:
    return RequestMessage.objects.create(request=request, kind=kind, text=text.strip(), by=by, at=at)
