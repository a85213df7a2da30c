"""E-mails about an application, to the notice of activation, in the language in which it was sent."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from contracts.correspondence import letters
from contracts.correspondence.application_pdf import application_pdf
from contracts.correspondence.sending import Attachment, application_url, contract_url, send
from contracts.models import Application, ApplicationMessage, Contract, IssuedLetter
from contracts.rules.decision import Decision
from contracts.wording.dated_lines import cited, dated_lines
from contracts.wording.next_steps import next_steps
from contracts.wording.products import product_lines
from contracts.wording.quotations import quotations
from contracts.wording.reasons import refusal_reason


def application_received(application_pk: int) -> bool:
    """Confirm that an application arrived: its number, what it asks for, what happens next; with its PDF."""
    application = _application(application_pk)
    version = application.terms_version

    def context() -> dict[str, Any]:
        items = {item.product: item.quantity for item in application.items.all()}
        contract = Contract.objects.filter(application=application).first()
        steps = next_steps(version.policy)
        return {
            "items": product_lines(version.policy, items.items()),
            "quotations": [quotation.text for quotation in quotations(version.policy, items)],
            "next_steps": [(step.text, cited(version, step.articles)) for step in steps],
            "contract": contract,
            "lines": dated_lines(contract.decided_formation, version) if contract else [],
        }

    form = (f"{application.number}.pdf", application_pdf(application))
    url = application_url(application)
    return send("application_received", application, url, context, attachments=[form])


def application_accepted(contract: Contract, decision: Decision, letter: Attachment) -> bool:
    """Tell that an application is accepted. `decision` is the formation with this mail as sent."""
    application = _application(contract.application_id)
    version = contract.contracted_version

    def context() -> dict[str, Any]:
        return {
            "contract": contract,
            "lines": dated_lines(decision, version),
            "formed_by": version.policy.formation.formed_by,
            "service_start": version.policy.formation.service_start.rule,
        }

    url = contract_url(contract)
    return send("application_accepted", application, url, context, attachments=[letter])


def application_refused(application_pk: int) -> bool:
    """Tell that an application is refused, and for which listed reason."""
    application = _application(application_pk)
    version = application.terms_version

    def context() -> dict[str, Any]:
        reason = refusal_reason(application)
        return {
            "reason": reason.text if reason else "",
            "articles": cited(version, reason.articles) if reason else "",
        }

    attached = letters.attached(application.letters.filter(kind=IssuedLetter.Kind.REFUSAL))
    url = application_url(application)
    return send("application_refused", application, url, context, attachments=attached)


def application_question(message_pk: int) -> bool:
    """Pass a question of staff on to the applicant."""
    message = ApplicationMessage.objects.get(pk=message_pk)
    application = _application(message.application_id)
    url = settings.PORTAL_URL + reverse("contracts:application-questions", args=[application.number])
    return send("application_question", application, url, lambda: {"question": message.text})


def application_answer(message_pk: int) -> bool:
    """Tell the provider that a question on an application was answered."""
    message = ApplicationMessage.objects.get(pk=message_pk)
    application = _application(message.application_id)
    url = settings.PORTAL_URL + reverse("admin:contracts_application_change", args=[application.pk])
    to = [application.service.provider.email]
    return send("application_answer", application, url, lambda: {"answer": message.text}, to=to)


def contract_registered(contract_pk: int, account_details: str) -> bool:
    """Tell that registration is complete, with the account details."""
    contract = _contract(contract_pk)

    def context() -> dict[str, Any]:
        return {**_formation_context(contract), "account_details": account_details}

    return send("contract_registered", contract.application, contract_url(contract), context)


def activation_notice(contract_pk: int) -> bool:
    """The activation notice (開通通知書): the day on which service starts."""
    contract = _contract(contract_pk)
    return send(
        "activation_notice",
        contract.application,
        contract_url(contract),
        lambda: _formation_context(contract),
        attachments=letters.attached(contract.letters.filter(kind=IssuedLetter.Kind.ACTIVATION)),
    )


def _formation_context(contract: Contract) -> dict[str, Any]:
    return {
        "contract": contract,
        "lines": dated_lines(contract.decided_formation, contract.contracted_version),
    }


def _application(pk: int) -> Application:
    return Application.objects.select_related(
        "service__provider", "terms_version__service", "organisation", "applicant"
    ).get(pk=pk)


def _contract(pk: int) -> Contract:
    return Contract.objects.select_related(
        "application__service__provider",
        "application__organisation",
        "application__applicant",
        "contracted_version__service",
    ).get(pk=pk)
