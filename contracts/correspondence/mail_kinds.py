"""The kinds of e-mails that are written when something happens; their letters are drawn as they go out."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from contracts.correspondence import letters
from contracts.correspondence.application_pdf import application_pdf
from contracts.models import Application, IssuedLetter
from portal.outbox.attachments import KeptFile, keep
from portal.outbox.kinds import Kind, Written
from portal.outbox.models import Mail


def with_files(mail: Mail, at: datetime) -> Written:
    """What was written when it was put into the outbox, with the letters and the form that it names."""
    return Written(mail.subject, mail.text, tuple(_files(mail)))


def _files(mail: Mail) -> Iterator[KeptFile]:
    if form_of := mail.data.get("form_of"):
        application = Application.objects.get(pk=form_of)
        yield keep(f"{application.number}.pdf", application_pdf(application))
    for letter in IssuedLetter.objects.filter(pk__in=mail.data.get("letters", ())):
        yield letters.kept(letter)


def _kinds(model: str, **labels: object) -> Iterator[Kind]:
    for key, label in labels.items():
        yield Kind(key=key, label=label, model=model, write=with_files)


KINDS = (
    *_kinds(
        "contracts.application",
        application_received=_("Receipt of an application"),
        application_refused=_("Refusal of an application"),
        application_question=_("Question on an application"),
        application_answer=_("Answer on an application"),
        application_withdrawn=_("Withdrawal of an application"),
    ),
    *_kinds(
        "contracts.contract",
        contract_registered=_("Registration with account details"),
        activation_notice=_("Activation notice"),
        service_stopped=_("Suspension of a service"),
        service_resumes=_("End of a suspension"),
        letter_cure_demand=_("Demand to cure"),
        letter_termination=_("Termination notice"),
        letter_no_renewal=_("Notice that the contract is not renewed"),
        authorised_user_breach=_("Breach of an authorised user"),
        authorised_user_stopped=_("Stop of an authorised user"),
        device_replaced=_("Replaced device"),
        device_charged=_("Penalty for a device"),
        device_dispatched=_("Dispatch of a device"),
    ),
    *_kinds(
        "contracts.contractrequest",
        request_received=_("Receipt of a request"),
        request_decided=_("Decision on a request"),
        request_completed=_("Notice of completed change"),
        request_withdrawn=_("Withdrawal of a request"),
        question_asked=_("Question on a request"),
        question_answered=_("Answer on a request"),
    ),
    *_kinds(
        "contracts.inquiry",
        inquiry_asked=_("Inquiry of a customer"),
        inquiry_answered=_("Answer to an inquiry"),
    ),
    *_kinds("contracts.issuedletter", letter_again=_("Letter, sent again")),
)
