"""Questions of staff on an application that waits for a decision, and the applicant's answers."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contracts.correspondence import application_mails as mail
from contracts.deciding.agents import agent_deciding, told_of_agent
from contracts.deciding.guards import locked_undecided
from contracts.models import Application, ApplicationMessage
from contracts.receipts.received import Received, ensure_asked_by, keep_paper
from portal.audit.record import record
from portal.organisations.models import User

Kind = ApplicationMessage.Kind


@transaction.atomic
def ask_applicant(application: Application, staff: User, question: str, at: datetime) -> ApplicationMessage:
    """Ask the applicant something before deciding.

    ValidationError names `question`, or says who decided before, and as for `agent_deciding`.
    """
    current = locked_undecided(application)
    agent = agent_deciding(staff, current, at)
    if not question.strip():
        raise ValidationError({"question": _("Enter your question.")})
    message = current.messages.create(kind=Kind.QUESTION, text=question.strip(), by=staff, at=at)
    mail.application_question(message.pk)
    record(
        "application.asked_back",
        staff,
        current,
        number=current.number,
        at=at,
        **told_of_agent(agent),
        personal={"question": message.text},
    )
    return message


@transaction.atomic
def answer_question(
    application: Application, person: User, text: str, at: datetime, *, received: Received | None = None
) -> ApplicationMessage:
    """Answer the open question on an application, for who holds the contract if there is one already.

    Staff do what was `received` beside the portal.

    ValidationError names `answer`, or says that there is no open question (any more), or that the person
    may not act for it (`not_acting`, `no_right`).
    """
    current = locked_undecided(application)
    version = current.governing_version
    ensure_asked_by(person, current.acting_organisation, received, version, current.contract_pk)
    if not current.is_asked_back:
        raise ValidationError(_("There is no open question on this application."), code="not_asked")
    if not text.strip():
        raise ValidationError({"answer": _("Enter your answer.")})
    message = current.messages.create(kind=Kind.ANSWER, text=text.strip(), by=person, at=at)
    mail.application_answer(message.pk)
    record(
        "application.answered",
        person,
        current,
        number=current.number,
        at=at,
        **keep_paper(current, received),
        personal={"answer": message.text},
    )
    return message
