"""Questions of staff on an application that waits for a decision, and the applicant's answers."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contracts.correspondence import application_mails as mail
from contracts.deciding.guards import locked_undecided
from contracts.models import Application, ApplicationMessage
from portal.audit.record import record
from portal.organisations.acting import ensure_acts_for
from portal.organisations.members.rights import Right
from portal.organisations.models import User

Kind = ApplicationMessage.Kind


@transaction.atomic
def ask_applicant(application: Application, staff: User, question: str, at: datetime) -> ApplicationMessage:
    """Ask the applicant something before deciding.

    ValidationError names `question`, or says who decided before.
    """
    current = locked_undecided(application)
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
        personal={"question": message.text},
    )
    return message


@transaction.atomic
def answer_question(application: Application, person: User, text: str, at: datetime) -> ApplicationMessage:
    """Answer the open question on an application, for who holds the contract if there is one already.

    ValidationError names `answer`, or says that there is no open question (any more), or that the person
    may not act for it (`not_acting`, `no_right`).
    """
    current = locked_undecided(application)
    ensure_acts_for(person, current.acting_organisation, Right.CONTRACTS, current.contract_pk)
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
        personal={"answer": message.text},
    )
    return message
