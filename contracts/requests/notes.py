"""What a customer should know before a request is sent, each with the articles that found it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from contracts.models import ContractRequest
from contracts.policies.rulebooks import rulebook_for
from contracts.requests.offers import Offer
from contracts.rules.policy.products import Condition
from contracts.wording.formats import day_text, yen_text

Kind = ContractRequest.Kind


@dataclass(frozen=True)
class Note:
    text: str
    articles: Sequence[str]


def notes(offer: Offer, decision: Mapping[str, Any]) -> list[Note]:
    """What follows from a request beside its dates; `decision` as stored, {} before that."""
    return [
        *_on_the_end(offer, decision),
        *_on_products(offer),
        *_on_succession(offer),
        *_on_proof(offer),
    ]


def minimum_term_note(decision: Mapping[str, Any]) -> str:
    """What is charged for the rest of a minimum term; empty where nothing is left of it."""
    if not decision.get("minimum_months_left"):
        return ""
    shown = {"months": decision["minimum_months_left"]}
    if decision["minimum_term_charge"] is None:
        return _("%(months)s months of the minimum term are left; you are told the amount.") % shown
    charge = yen_text(decision["minimum_term_charge"])
    message = _("%(months)s months of the minimum term are left: %(charge)s without tax, in one sum.")
    return message % {**shown, "charge": charge}


def _on_the_end(offer: Offer, decision: Mapping[str, Any]) -> Iterator[Note]:
    if offer.kind not in ContractRequest.ENDINGS:
        return
    policy = offer.version.policy
    charge = minimum_term_note(decision)
    if charge and policy.minimum_term:
        yield Note(charge, policy.minimum_term.article)
    if policy.cancellation.open_debts and offer.kind == Kind.CANCELLATION:
        yield Note(
            _("What is not paid yet falls due at once when the cancellation arrives."),
            policy.cancellation.open_debts.article,
        )
    if policy.data_erasure and decision.get("ends_on"):
        erase_by = rulebook_for(offer.version).data_erasure(date.fromisoformat(decision["ends_on"])).erase_by
        message = _("Your data in the service are erased by %(day)s. Save what you need before.")
        yield Note(message % {"day": day_text(erase_by)}, policy.data_erasure.article)


def _on_products(offer: Offer) -> Iterator[Note]:
    never_again = _condition(offer, Kind.ADD_OPTION, "not_retakable")
    if offer.kind == Kind.DROP_OPTION and never_again:
        yield Note(_("An option that was given up once can't be taken again."), never_again.article)
    last = _condition(offer, offer.kind, "keep_a_base_item")
    if last:
        message = _(
            "The last basic product can't be given up like this. To give up everything, cancel the contract."
        )
        yield Note(message, last.article)
    ids = _condition(offer, offer.kind, "user_ids_deleted")
    if ids:
        yield Note(_("Until the user IDs are deleted, the number so far is charged."), ids.article)


def _condition(offer: Offer, kind: str, name: str) -> Condition | None:
    rule = offer.version.policy.change_rule(kind)
    return next((one for one in rule.conditions if one.kind == name), None) if rule else None


def _on_succession(offer: Offer) -> Iterator[Note]:
    rule = offer.version.policy.succession
    if offer.kind != Kind.SUCCESSION or rule is None:
        return
    if rule.debts:
        yield Note(_("The successor takes over every debt of the contract."), rule.debts.article)
    if rule.representative:
        message = _(
            "Several successors name one of them to represent them; until then the provider picks one."
        )
        yield Note(message, rule.representative.article)


def _on_proof(offer: Offer) -> Iterator[Note]:
    rule = offer.rule
    if rule and rule.proof == "required":
        yield Note(
            _("A document must prove it. You can hand it in here as soon as the request is sent."),
            rule.article,
        )
    elif rule and rule.proof == "on_request":
        yield Note(_("The provider may ask for a document that proves it."), rule.article)
