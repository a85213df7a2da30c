"""What a customer can ask for on a contract now, by what the terms provide for and the contract holds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contracts.models import Contract, ContractRequest, TermsVersion
from contracts.requests.product_changes import ADDITIONS
from contracts.requests.what_if import Possibility, possibilities
from contracts.rules.life.change import ChangeRule
from contracts.rules.policy.products import Product
from contracts.wording.explain import ArticleLink, Explanation
from contracts.wording.local_text import localised
from contracts.wording.products import ProductLine

Kind = ContractRequest.Kind

GROUPS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (
        gettext_lazy("Products and numbers"),
        (
            Kind.QUANTITY_UP,
            Kind.QUANTITY_DOWN,
            Kind.ADD_ITEM,
            Kind.DROP_ITEM,
            Kind.ADD_OPTION,
            Kind.DROP_OPTION,
        ),
    ),
    (
        gettext_lazy("About the customer"),
        (
            Kind.PARTICULARS,
            Kind.NAME,
            Kind.RESPONSIBLE_PERSON,
            Kind.AUTHORISED_USER,
            Kind.SUCCESSION,
        ),
    ),
    (
        gettext_lazy("Interruption and end"),
        (Kind.INTERRUPTION, Kind.OPTION_INTERRUPTION, Kind.NON_RENEWAL, Kind.CANCELLATION),
    ),
)
_OF_PRODUCTS = frozenset({*GROUPS[0][1], Kind.OPTION_INTERRUPTION})


@dataclass(frozen=True)
class Offer:
    """A kind of request that can be made now; `products` are those to choose from, with what is held."""

    contract: Contract
    possibility: Possibility
    products: Sequence[ProductLine] = ()

    @property
    def kind(self) -> str:
        return self.possibility.kind

    @property
    def label(self) -> str:
        return self.possibility.label

    @property
    def version(self) -> TermsVersion:
        return self.possibility.version

    @property
    def rule(self) -> ChangeRule | None:
        """The rule on the change; None for what ends the contract."""
        return self.version.policy.change_rule(self.kind)

    @property
    def begins(self) -> str:
        """From when it counts, where that is no day that can be told now; otherwise empty."""
        rule = self.rule
        if self.kind == Kind.SUCCESSION and not (rule and rule.not_before_acceptance):
            return _("From the day of the succession")
        if rule and rule.notice_completes:
            return _("From the notice of completion")
        if rule and rule.not_before_acceptance:
            return _("From the wanted date, at the earliest from acceptance")
        return ""

    @property
    def deadline_on(self) -> date | None:
        """The last day to ask for the earliest date; None where there is none."""
        return self.possibility.deadline_on

    @property
    def ends_contract(self) -> bool:
        return self.kind in ContractRequest.ENDINGS

    @property
    def asks_for_debts(self) -> bool:
        """Whether what is not paid yet matters: the contract ends, or somebody else takes it over."""
        return self.ends_contract or self.kind == Kind.SUCCESSION

    @property
    def deadline_articles(self) -> Sequence[ArticleLink]:
        """The articles behind the deadline; those of the rule itself where there is none."""
        return deadline_articles(self.possibility.explanation)

    @property
    def reading(self) -> str:
        """How the rule itself reads what the document leaves open, or what it says beside its dates."""
        rule = self.rule
        return localised(rule.reading) if rule and rule.reading else ""


def deadline_articles(explanation: Explanation) -> Sequence[ArticleLink]:
    """The articles of the steps that lead to a deadline; of the first step where there is none."""
    steps = explanation.steps
    counted = [step for step in steps if step.rule.startswith("deadline.")] or list(steps[:1])
    return tuple(dict.fromkeys(link for step in counted for link in step.articles))


def offers(contract: Contract, at: datetime) -> list[Offer]:
    """What can be asked for at a moment, in no order. An end can be asked for once."""
    ending_asked = open_ending(contract) is not None
    found = []
    for possibility in possibilities(contract, at):
        products = tuple(_products(contract, possibility))
        if possibility.kind in _OF_PRODUCTS and not products:
            continue
        if possibility.kind in ContractRequest.ENDINGS and ending_asked:
            continue
        found.append(Offer(contract, possibility, products))
    return found


def offer_of(contract: Contract, kind: str, at: datetime) -> Offer | None:
    """The offer of one kind; None where it can't be asked for."""
    return next((offer for offer in offers(contract, at) if offer.kind == kind), None)


def grouped(found: Sequence[Offer]) -> list[tuple[Any, list[Offer]]]:
    """Offers under the names of their groups, as pages list them; no empty group."""
    by_kind = {offer.kind: offer for offer in found}
    groups = [(name, [by_kind[kind] for kind in kinds if kind in by_kind]) for name, kinds in GROUPS]
    return [group for group in groups if group[1]]


def open_ending(contract: Contract) -> ContractRequest | None:
    """The request to end the contract that waits for a decision."""
    return next(
        (
            asked
            for asked in contract.requests.all()
            if asked.kind in ContractRequest.ENDINGS and asked.is_open
        ),
        None,
    )


def _products(contract: Contract, possibility: Possibility) -> Iterator[ProductLine]:
    """The products that a kind can be about, each with the quantity held on the earliest day."""
    policy = possibility.version.policy
    held = contract.items_on(possibility.earliest_on)
    ever = {item.product for item in contract.items.all()}
    more = Kind.QUANTITY_UP in policy.changes
    for product in policy.products:
        quantity = held.get(product.key, 0)
        if product.orderable and _fits(possibility.kind, product, quantity, product.key in ever, more=more):
            yield ProductLine(product.key, localised(product.name), quantity, localised(product.unit))


def _fits(kind: str, product: Product, held: int, ever_held: bool, *, more: bool) -> bool:
    """Whether a kind can be about a product. `more`: what is held already grows by a kind of its own."""
    if product.kind == "one_time":
        return kind == Kind.ADD_ITEM and not (ever_held and product.maximum)
    room = product.maximum is None or held < product.maximum
    of_option = product.kind == "option"
    if kind in ADDITIONS:
        return of_option == (kind == Kind.ADD_OPTION) and room and not (held and more)
    if kind in (Kind.DROP_ITEM, Kind.DROP_OPTION):
        return of_option == (kind == Kind.DROP_OPTION) and held > 0
    if kind == Kind.OPTION_INTERRUPTION:
        return of_option and held > 0
    if kind == Kind.QUANTITY_UP:
        return held > 0 and room
    return held > max(1, product.minimum)
