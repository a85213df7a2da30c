"""E-mails to customers at each step of a contract, in the language in which they applied.

Sending never undoes what was decided: a mail that the server does not take is logged, and the functions
say so.
"""

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from contracts.explain import explain
from contracts.formats import day_text
from contracts.links import article_label
from contracts.models import Application, Contract, ContractRequest, TermsVersion
from contracts.next_steps import next_steps
from contracts.products_shown import product_lines
from contracts.reasons import refusal_reason
from contracts.rules.decision import Decision

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class DatedLine:
    """A date of a decision as a mail states it, with the articles behind it."""

    label: str
    day: str
    articles: str


def application_received(application_pk: int) -> bool:
    """Confirm that an application arrived: its number, what it asks for, what happens next."""
    application = _application(application_pk)
    version = application.terms_version

    def context() -> dict[str, Any]:
        items = ((item.product, item.quantity) for item in application.items.all())
        contract = Contract.objects.filter(application=application).first()
        steps = next_steps(version.policy)
        return {
            "items": product_lines(version.policy, items),
            "next_steps": [(step.text, _cited(version, step.articles)) for step in steps],
            "contract": contract,
            "lines": dated_lines(contract.formation, version) if contract else [],
        }

    return _send("application_received", application, _application_url(application), context)


def application_accepted(contract: Contract, decision: Decision) -> bool:
    """Tell that an application is accepted. `decision` is the formation with this mail as sent."""
    application = _application(contract.application_id)
    version = contract.contracted_version

    def context() -> dict[str, Any]:
        return {
            "contract": contract,
            "lines": dated_lines(decision.to_json(), version),
            "formed_by": version.policy.formation.formed_by,
            "service_start": version.policy.formation.service_start.rule,
        }

    return _send("application_accepted", application, _contract_url(contract), context)


def application_refused(application_pk: int) -> bool:
    """Tell that an application is refused, and for which listed reason."""
    application = _application(application_pk)
    version = application.terms_version

    def context() -> dict[str, Any]:
        reason = refusal_reason(application)
        return {
            "reason": reason.text if reason else "",
            "articles": _cited(version, reason.articles) if reason else "",
        }

    return _send("application_refused", application, _application_url(application), context)


def contract_registered(contract_pk: int, account_details: str) -> bool:
    """Tell that registration is complete, with the account details."""
    contract = _contract(contract_pk)

    def context() -> dict[str, Any]:
        return {**_formation_context(contract), "account_details": account_details}

    return _send("contract_registered", contract.application, _contract_url(contract), context)


def activation_notice(contract_pk: int) -> bool:
    """The activation notice (開通通知書): the day on which service starts."""
    contract = _contract(contract_pk)
    return _send(
        "activation_notice",
        contract.application,
        _contract_url(contract),
        lambda: _formation_context(contract),
    )


def request_received(request_pk: int) -> bool:
    """Confirm that a request arrived: its number, and the dates that it leads to."""
    return _about_request("request_received", request_pk)


def request_decided(request_pk: int) -> bool:
    """Tell whether a request is accepted or refused, and the dates."""
    return _about_request("request_decided", request_pk)


def _about_request(name: str, request_pk: int) -> bool:
    request = ContractRequest.objects.select_related(
        "contract__application__organisation",
        "contract__service__provider",
        "terms_version__service",
        "requested_by",
    ).get(pk=request_pk)
    version, contract = request.terms_version, request.contract
    refused_by_staff = request.status == request.Status.REFUSED and request.decided_by_id is not None

    def context() -> dict[str, Any]:
        product = [(request.product, request.quantity)] if request.product else []
        return {
            "request": request,
            "contract": contract,
            "wanted": day_text(request.wanted_on) if request.wanted_on else "",
            "items": product_lines(version.policy, product),
            # Where staff refuse what the rules allow, their dates do not come about.
            "lines": [] if refused_by_staff else dated_lines(request.decision, version),
            "other_than_asked": request.decision["outcome"] != "accepted",
            "steps": explain(request.decision, version).steps,
        }

    application = contract.application
    return _send(name, application, _contract_url(contract), context, to=request.requested_by.email)


def _formation_context(contract: Contract) -> dict[str, Any]:
    return {
        "contract": contract,
        "lines": dated_lines(contract.formation, contract.contracted_version),
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


def dated_lines(decision: Mapping[str, Any], version: TermsVersion) -> list[DatedLine]:
    """The dates of a stored decision, each with the articles of the steps that it comes from.

    The earliest possible date is of interest only where no date came out.
    """
    settled = decision.get("ends_on") or decision.get("effective_on")
    lines = []
    for fact, (label, rules) in _dates().items():
        if decision.get(fact) and not (settled and fact.startswith("earliest")):
            steps = [step for step in decision["steps"] if step["rule"].startswith(rules)]
            articles = dict.fromkeys(key for step in steps for key in step["articles"])
            day = day_text(date.fromisoformat(decision[fact]))
            lines.append(DatedLine(label, day, _cited(version, articles)))
    return lines


def _dates() -> dict[str, tuple[str, tuple[str, ...]]]:
    """The facts of decisions that are dates: their names, and the keys of the steps that lead to them."""
    return {
        "formed_on": (_("Contract formed on"), ("formation.",)),
        "service_starts_on": (_("Service starts on"), ("service_start.",)),
        "received_on": (_("Received on"), ("cancellation.received",)),
        "deadline_on": (_("Deadline"), ("deadline.",)),
        "effective_on": (_("Effective on"), ("change.",)),
        "ends_on": (_("Contract ends on"), ("cancellation.", "deadline.")),
        "billed_from_on": (_("Charged from"), ("billing_start.", "billed_from.")),
        "billed_through_on": (_("Charged until"), ("billed_through.",)),
        "earliest_ends_on": (_("Earliest possible end"), ("deadline.",)),
        "earliest_effective_on": (_("Earliest possible date"), ("deadline.",)),
    }


def _cited(version: TermsVersion, articles: Iterable[str]) -> str:
    return _(", ").join(article_label(version, key) for key in articles)


def _application_url(application: Application) -> str:
    return settings.PORTAL_URL + reverse("contracts:application-detail", args=[application.number])


def _contract_url(contract: Contract) -> str:
    return settings.PORTAL_URL + reverse("contracts:contract-detail", args=[contract.number])


def _send(
    name: str,
    application: Application,
    url: str,
    context: Callable[[], dict[str, Any]],
    *,
    to: str = "",
) -> bool:
    """Write a mail and hand it over to the mail server; says whether the server took it."""
    with override(application.language):
        values = {
            "application": application,
            "organisation": application.organisation,
            "service": application.service,
            "url": url,
            **context(),
        }
        message = EmailMessage(
            subject=" ".join(render_to_string(f"contracts/email/{name}_subject.txt", values).split()),
            body=_tidy(render_to_string(f"contracts/email/{name}.txt", values)),
            to=[to or application.applicant.email],
            reply_to=[application.service.provider.email],
        )
    try:
        return message.send() == 1
    except OSError:  # what the mail server and the way to it can do to us, smtplib's errors among them
        logger.exception("The e-mail %s on %s could not be handed over.", name, application.number)
        return False


def _tidy(text: str) -> str:
    """At most one empty line in a row, whatever the templates left out."""
    return re.sub(r"\n\s*\n", "\n\n", text.strip()) + "\n"
