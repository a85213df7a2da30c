"""E-mails about an application, to the notice of activation, in the language in which it was sent.

They are written inside the transaction of the operation that they tell of, and say what is so then.
"""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.timezone import localdate

from contracts.correspondence.addressees import told_of_steps
from contracts.correspondence.sending import application_url, composed, contract_url, queue
from contracts.models import Application, ApplicationMessage, Contract, IssuedLetter, TermsVersion
from contracts.rules.decision import Decision
from contracts.wording.dated_lines import cited, dated_lines
from contracts.wording.links import version_url
from contracts.wording.next_steps import next_steps
from contracts.wording.products import product_lines
from contracts.wording.quotations import quotations
from contracts.wording.reasons import refusal_reason
from portal.outbox.secrets import PLACE


def application_received(application_pk: int) -> None:
    """Confirm that an application arrived: its number, what it asks for, what happens next; with its PDF."""
    application = _application(application_pk)
    version = application.governing_version
    items = {item.product: item.quantity for item in application.items.all()}
    contract = Contract.objects.filter(application=application).first()
    announced = TermsVersion.objects.announced(application.service, localdate()).first()

    def context() -> dict[str, Any]:
        return {
            "items": product_lines(version.policy, items.items()),
            "announced": announced,
            "announced_url": settings.PORTAL_URL + version_url(announced) if announced else "",
            "quotations": [quotation.text for quotation in quotations(version.policy, items)],
            "next_steps": [(step.text, cited(version, step.articles)) for step in next_steps(version.policy)],
            "contract": contract,
            "lines": dated_lines(contract.decided_formation, version) if contract else [],
        }

    form = {"form_of": application.pk}
    queue("application_received", application, application, application_url(application), context, data=form)


def acceptance_text(contract: Contract, decision: Decision | None) -> tuple[str, str]:
    """Subject and text that tell that an application is accepted.

    `decision` is the formation with this e-mail as sent.
    """
    application = _application(contract.application_id)
    version = contract.formation_version

    def context() -> dict[str, Any]:
        return {
            "contract": contract,
            "lines": dated_lines(decision, version),
            "formed_by": version.policy.formation.formed_by,
            "service_start": version.policy.formation.service_start.rule,
        }

    return composed("application_accepted", application, contract_url(contract), context)


def application_refused(application_pk: int) -> None:
    """Tell that an application is refused, and for which listed reason."""
    application = _application(application_pk)
    version = application.governing_version

    def context() -> dict[str, Any]:
        reason = refusal_reason(application)
        return {
            "reason": reason.text if reason else "",
            "articles": cited(version, reason.articles) if reason else "",
        }

    issued = application.letters.filter(kind=IssuedLetter.Kind.REFUSAL)
    url = application_url(application)
    queue("application_refused", application, application, url, context, letters=issued)


def application_question(message_pk: int) -> None:
    """Pass a question of staff on to the applicant."""
    message = ApplicationMessage.objects.get(pk=message_pk)
    application = _application(message.application_id)
    url = settings.PORTAL_URL + reverse("contracts:application-questions", args=[application.number])
    queue("application_question", application, application, url, lambda: {"question": message.text})


def application_answer(message_pk: int) -> None:
    """Tell the provider that a question on an application was answered."""
    message = ApplicationMessage.objects.get(pk=message_pk)
    application = _application(message.application_id)
    url = settings.PORTAL_URL + reverse("admin:contracts_application_change", args=[application.pk])
    to = [application.service.provider.email]
    queue("application_answer", application, application, url, lambda: {"answer": message.text}, to=to)


def contract_registered(contract_pk: int, account_details: str) -> None:
    """Tell that registration is complete, with the account details."""
    contract = _contract(contract_pk)

    def context() -> dict[str, Any]:
        return {**_formation_context(contract), "account_details": PLACE if account_details else ""}

    url = contract_url(contract)
    queue("contract_registered", contract.application, contract, url, context, secret=account_details)


def activation_notice(contract_pk: int) -> None:
    """The activation notice (開通通知書): the day on which service starts."""
    contract = _contract(contract_pk)
    queue(
        "activation_notice",
        contract.application,
        contract,
        contract_url(contract),
        lambda: _formation_context(contract),
        to=told_of_steps(contract),
        letters=contract.letters.filter(kind=IssuedLetter.Kind.ACTIVATION),
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
