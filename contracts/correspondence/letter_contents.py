"""What the provider's letters state: composed in Japanese from what was decided, and drawn as a PDF."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from contracts.extensions.kinds import kind_label
from contracts.models import (
    Application,
    Contract,
    ContractRequest,
    IssuedLetter,
    Service,
    Suspension,
    TermsVersion,
)
from contracts.rules.calendar.period import japan_date
from contracts.rules.decision import Decision
from contracts.rules.life.cancellation import Cancellation
from contracts.rules.life.end_with_minimum_term import EndWithMinimumTerm
from contracts.rules.life.formation import Formation
from contracts.rules.life.termination import Termination
from contracts.rules.policy.base import ListedReason
from contracts.wording.dated_lines import cited, dated_lines
from contracts.wording.explain import explain
from contracts.wording.formats import day_text, yen_text
from contracts.wording.products import product_lines
from contracts.wording.reasons import ShownReason, refusal_reason, request_refusal, suspension_reason
from portal.organisations.models import Organisation
from portal.pdf import write_pdf

Kind = IssuedLetter.Kind


def on_application(application: Application, kind: Kind, decision: Formation | None) -> dict[str, Any]:
    """An acceptance, refusal or activation notice; `decision` is the formation, None for a refusal."""
    version = application.governing_version
    with override("ja"):
        refused = refusal_reason(application) if kind == Kind.REFUSAL else None
        return {
            **_named(kind, version),
            "opening": _opening(kind, of_application=True),
            "facts": [
                _fact(_("Reception number"), application.number),
                *_products(version, [(item.product, item.quantity) for item in application.items.all()]),
                *_dates(decision, version),
            ],
            "reason": _reason(refused, version, application.refusal_note),
            "steps": [],
        }


def on_request(request: ContractRequest, kind: Kind) -> dict[str, Any]:
    """A letter on a request of a customer: receipt, acceptance, refusal, completion."""
    version = request.governing_version
    with override("ja"):
        refused = request_refusal(request) if kind == Kind.REFUSAL else None
        # Where staff refuse what the rules allow, its dates do not come about.
        decision = None if refused else request.decided
        products = [(request.product, request.quantity)] if request.product else []
        forms = request.rule.formed_by == "acceptance_sent"
        return {
            **(_named(kind, version) if forms else {}),
            "opening": _opening(kind, of_application=False),
            "facts": [
                _fact(_("Reception number"), request.number),
                _fact(_("Contract number"), request.contract.number),
                _fact(_("Request"), kind_label(request.kind)),
                *_products(version, products),
                *([_fact(_("Wanted date"), day_text(request.wanted_on))] if request.wanted_on else []),
                *_dates(decision, version, planned=request.is_planned),
                *_minimum_term(decision),
            ],
            "reason": _reason(refused, version, request.refusal_note),
            "steps": _steps(decision, version) if decision and decision.outcome != "accepted" else [],
        }


def on_ground(
    contract: Contract,
    kind: Kind,
    ground: ListedReason,
    decision: Termination,
    note: str,
    version: TermsVersion,
    debts_due_on: date | None,
) -> dict[str, Any]:
    """A demand to cure, or a termination notice."""
    stated = decision.as_demanded() if kind == Kind.CURE_DEMAND else decision
    with override("ja"):
        facts = [_fact(_("Contract number"), contract.number), *_dates(stated, version)]
        if debts_due_on and not decision.open_debts_due_on:
            facts.append(_fact(_("Open debts fall due on"), day_text(debts_due_on)))
        return {
            "opening": _opening(kind, of_application=False),
            "facts": facts,
            "reason": _reason(ShownReason(ground.text.ja, ground.article), version, note),
            "steps": _steps(stated, version),
        }


def on_end(contract: Contract, decision: Cancellation, note: str, version: TermsVersion) -> dict[str, Any]:
    """The provider's notice that a contract ends with its term."""
    with override("ja"):
        return {
            "opening": _opening(Kind.NON_RENEWAL, of_application=False),
            "facts": [
                _fact(_("Contract number"), contract.number),
                *_dates(decision, version),
                *([_fact(_("Note"), note)] if note else []),
            ],
            "reason": None,
            "steps": _steps(decision, version),
        }


def on_stop(stop: Suspension) -> dict[str, Any]:
    """The notice of a suspension or a pause: its reason and its period."""
    version = stop.governing_version
    decision = stop.decided
    with override("ja"):
        products = [(stop.product, 0)] if stop.product else []
        return {
            "opening": _opening(Kind.SUSPENSION, of_application=False),
            "facts": [
                _fact(_("Contract number"), stop.contract.number),
                *(_fact(_("Product"), line.name) for line in product_lines(version.policy, products)),
                _fact(_("First day"), day_text(stop.starts_on)),
                _fact(_("Last day"), last_day_text(stop)),
            ],
            "reason": _reason(suspension_reason(stop, version), version, ""),
            "steps": _steps(decision, version) if decision else [],
        }


def last_day_text(stop: Suspension) -> str:
    """Until when a stop lasts, in words where it has no last day yet."""
    if stop.ends_on:
        return day_text(stop.ends_on)
    is_until_paid = stop.kind == Suspension.Kind.UNTIL_PAID
    return _("until your debt is paid") if is_until_paid else _("until further notice")


def framed(
    content: dict[str, Any],
    kind: Kind,
    number: str,
    service: Service,
    organisation: Organisation,
    recipient_name: str,
    issued_at: datetime,
) -> dict[str, Any]:
    """A letter's whole document: what it says, between sender, recipient, number and day."""
    issued_on = japan_date(issued_at)
    provider = service.provider.on(issued_on)
    with override("ja"):
        return {
            **content,
            "kind": kind.value,
            "title": content["named"]["ja"] if "named" in content else str(kind.label),
            "number": number,
            "issued_on": issued_on.isoformat(),
            "service": service.name,
            "provider": {
                "name": provider.name,
                "postal_code": provider.postal_code,
                "address": provider.address,
                "phone": provider.phone,
                "email": provider.email,
            },
            "recipient": {
                "name": recipient_name,
                "postal_code": organisation.postal_code,
                "address": organisation.address,
            },
        }


def render(document: Mapping[str, Any], document_hash: str) -> bytes:
    """The letter's PDF, from its document alone. The same document gives the same bytes."""
    issued_on = date.fromisoformat(document["issued_on"])
    with override("ja"):
        html = render_to_string("pdf/letter.html", {**document, "issued_day": day_text(issued_on)})
    return write_pdf(html, stylesheet="css/pdf/contract-letter.css", identifier=bytes.fromhex(document_hash))


def _opening(kind: Kind, *, of_application: bool) -> str:
    if of_application and kind in _ON_APPLICATIONS:
        return str(_ON_APPLICATIONS[kind])
    return str(_OPENINGS[kind])


_ON_APPLICATIONS: dict[Kind, Any] = {
    Kind.ACCEPTANCE: gettext_lazy("We accept your application as follows."),
    Kind.REFUSAL: gettext_lazy("We are sorry that we can not accept your application, for the reason below."),
}
_OPENINGS: dict[Kind, Any] = {
    Kind.ACCEPTANCE: gettext_lazy("We accept your request as follows."),
    Kind.REFUSAL: gettext_lazy("We are sorry that we can not accept your request, for the reason below."),
    Kind.ACTIVATION: gettext_lazy("The set-up is done. The service can be used from the day below."),
    Kind.COMPLETION: gettext_lazy(
        "The change that you asked for is set up. It can be used from the day below."
    ),
    Kind.CANCELLATION_RECEIPT: gettext_lazy(
        "We have received your notice that the contract is to end. It has the dates below."
    ),
    Kind.CURE_DEMAND: gettext_lazy(
        "Please put the following right; otherwise we may terminate the contract."
    ),
    Kind.TERMINATION: gettext_lazy("We terminate the contract for the reason below."),
    Kind.NON_RENEWAL: gettext_lazy("We do not renew the contract. It ends with its term, as follows."),
    Kind.SUSPENSION: gettext_lazy("We stop the service for the reason below."),
}


def _named(kind: Kind, version: TermsVersion) -> dict[str, Any]:
    """What the terms call the letter of an acceptance, where they have a name for it."""
    written = version.policy.written_acceptance
    return {"named": written.name.model_dump()} if written and kind == Kind.ACCEPTANCE else {}


def _fact(label: str, value: str, articles: str = "") -> dict[str, str]:
    return {"label": str(label), "value": str(value), "articles": articles}


def _dates(
    decision: Decision | None, version: TermsVersion, *, planned: bool = False
) -> Iterator[dict[str, str]]:
    for line in dated_lines(decision, version, planned=planned):
        yield _fact(line.label, line.day, line.articles)


def _products(version: TermsVersion, quantities: list[tuple[str, int]]) -> Iterator[dict[str, str]]:
    for line in product_lines(version.policy, quantities):
        yield _fact(line.name, f"{line.quantity} {line.unit}" if line.quantity else "—")


def _minimum_term(decision: Decision | None) -> Iterator[dict[str, str]]:
    if isinstance(decision, EndWithMinimumTerm) and decision.minimum_months_left:
        charge = decision.minimum_term_charge
        amount = yen_text(charge) if charge is not None else _("to be told")
        yield _fact(_("Rest of the minimum term, without tax"), amount)


def _reason(reason: ShownReason | None, version: TermsVersion, note: str) -> dict[str, str] | None:
    if reason is None:
        return None
    return {"text": reason.text, "articles": cited(version, reason.articles), "note": note}


def _steps(decision: Decision, version: TermsVersion) -> list[dict[str, str]]:
    return [
        {
            "sentence": step.sentence,
            "result": step.result,
            "articles": _(", ").join(article.label for article in step.articles),
        }
        for step in explain(decision, version, article_url=lambda version, key, origin: "").steps
    ]
