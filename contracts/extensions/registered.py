"""The one point at which an app above contracts adds to them.

The app describes what it adds as an `Extension`, and hands it to `register` once, in its `AppConfig.ready`.
Contracts ask the functions below, which say nothing while nobody has registered.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from contracts.extensions.debts import Debts
from contracts.extensions.measures import Measure
from contracts.extensions.panels import Panel, ProductPrice, Slot
from contracts.extensions.prices import HeldPrice
from contracts.models import Contract, ContractParty, Provider, SalesAgent, TermsVersion
from contracts.rules.policy.base import LedgerFact
from portal.installation.health import Trouble
from portal.organisations.models import Organisation, User

if TYPE_CHECKING:
    from contracts.extensions.costs import CostsAhead
    from contracts.extensions.lives import LifePlayer
    from contracts.extensions.subjects import Subject
    from contracts.extensions.takeover import TakeoverParts
    from contracts.extensions.waiting import Source
    from contracts.rules.calendar.period import Month
    from contracts.rules.examples.evaluation import Result


@dataclass(frozen=True, kw_only=True)
class Extension:
    """What an app adds; each part may be left out.

    `monthly_fee` is what a contract, or by its key one of its products, as it can be used on a day costs a
    month, in yen without tax; it raises ValidationError where it knows no price. `monthly_fees` is the
    same of many at once, by primary key, without those whose fee it doesn't know. `held_prices` are what
    each product of a contract, as it can be used on a day, costs, by key; it raises as `monthly_fee` does.
    `costs_ahead` is what a contract costs from the month of a day on, up to another one, as it is and with
    changes. `debts` are what a customer owes a provider on a day. `product_prices` are those of a version's
    products today, by key. `marks` say what is to be noticed of contracts, by primary key, for a whole list
    at once. `measures`, given a service by its key and the day, are taken of the contracts that a new version
    or another reading touches. `panels` fill slots; what each is given stands beside its name.
    `facts` say whether a ground that the terms name is so on a day, and since another where it counts
    from that. `sources` tell what waits for staff, `troubles` what staff's first page says is wrong to who
    looks at it. `facts_changed` is told, within the transaction, of a contract (by its key) whose quantities,
    days or agreements changed, `rules_changed` of a service that got
    other rules. `passed_on` stores what follows for it when another takes a customer's place, given the new
    party and who was the customer before, in the transaction of that. `debts_due` makes what a contract owes
    due on a day, as it ends, and with None lets it be due as before, as the contract goes on; `debts_due_on`
    is the day on which it was made due so. `unsettled` names what of a contract is open: invoices, and what
    is not invoiced yet. `is_priced` says whether something tells at which prices an agent sells on a day.
    `examples` answers the worked examples of a version as it is read; None where there are none for it.
    `lives` plays whole lives of contracts. `is_paid_once` says whether what is charged once for a product is
    paid, and `price_when_made` what a unit of it cost when the contract was made. `takeover` is what it
    reads of files of running contracts, and makes of them. `subjects` are what of it customers can ask about.
    """

    monthly_fee: Callable[[Contract, date, str], int] | None = None
    monthly_fees: Callable[[Sequence[Contract], date], Mapping[int, int]] | None = None
    held_prices: Callable[[Contract, date], Mapping[str, HeldPrice]] | None = None
    costs_ahead: "Callable[[Contract, Any, date, Month | None], CostsAhead | None] | None" = None
    debts: Callable[[Organisation, Provider, date], Debts] | None = None
    product_prices: Callable[[TermsVersion], Mapping[str, ProductPrice]] | None = None
    marks: Callable[[Sequence[Contract]], Mapping[int, Panel]] | None = None
    measures: Callable[[int, date], Sequence[Measure]] | None = None
    panels: Mapping[Slot, Callable[..., Panel | None]] = field(default_factory=dict)
    facts: Mapping[LedgerFact, Callable[[Contract, date, date | None], bool]] = field(default_factory=dict)
    sources: "Sequence[Source]" = ()
    troubles: Sequence[Callable[[User], Trouble | None]] = ()
    facts_changed: Callable[[int], None] | None = None
    rules_changed: Callable[[int], None] | None = None
    passed_on: Callable[[ContractParty, Organisation], None] | None = None
    debts_due: Callable[[Contract, date | None], None] | None = None
    debts_due_on: Callable[[Contract], date | None] | None = None
    unsettled: Callable[[Contract], Sequence[str]] | None = None
    is_priced: Callable[[SalesAgent, date], bool] | None = None
    is_paid_once: Callable[[Contract, str], bool] | None = None
    price_when_made: Callable[[Contract, str], int | None] | None = None
    examples: "Callable[[TermsVersion], Sequence[Result] | None] | None" = None
    lives: "LifePlayer | None" = None
    takeover: "TakeoverParts | None" = None
    subjects: "Sequence[Subject]" = ()


_registered: list[Extension] = []


def register(extension: Extension) -> None:
    """Let contracts show and ask what an app adds, from now on."""
    _registered.append(extension)


def monthly_fee(contract: Contract, day: date, product: str = "") -> int | None:
    """What a contract as it is on a day costs a month, in yen without tax; None where that is not known.

    With a product's key, what that alone costs.
    """
    for ask in (one.monthly_fee for one in _registered if one.monthly_fee):
        try:
            return ask(contract, day, product)
        except ValidationError:
            return None
    return None


def monthly_fees(contracts: Sequence[Contract], day: date) -> dict[int, int]:
    """What contracts as they are on a day cost a month, in yen without tax, by primary key where known."""
    asked = (one.monthly_fees for one in _registered if one.monthly_fees)
    return {pk: fee for ask in asked for pk, fee in ask(contracts, day).items()}


def held_prices(contract: Contract, day: date) -> dict[str, HeldPrice]:
    """What each product of a contract as it is on a day costs a month, by key; empty where nobody knows."""
    for ask in (one.held_prices for one in _registered if one.held_prices):
        try:
            return dict(ask(contract, day))
        except ValidationError:
            return {}
    return {}


def costs_ahead(
    contract: Contract, changes: Any, day: date, through: "Month | None" = None
) -> "CostsAhead | None":
    """The fees of a contract's coming months as it is and with changes; None where they are not known.

    `changes` is what several requests would change together (`contracts.requests.what_if.asking`).
    """
    asked = (one.costs_ahead for one in _registered if one.costs_ahead)
    return next((ask(contract, changes, day, through) for ask in asked), None)


def debts_of(organisation: Organisation, provider: Provider, day: date) -> Debts:
    """What a customer owes a provider on a day; nothing where nobody knows."""
    return next(
        (ask(organisation, provider, day) for ask in (one.debts for one in _registered) if ask), Debts()
    )


def is_so(fact: LedgerFact, contract: Contract, day: date, since_on: date | None = None) -> bool:
    """Whether a ground is so on a day (and since another); where nobody knows, it is what staff state."""
    return all(one.facts[fact](contract, day, since_on) for one in _registered if fact in one.facts)


def measures(service: int, day: date) -> Iterator[Measure]:
    """What else is measured of the contracts that a new version touches, such as when fees are due."""
    for ask in (one.measures for one in _registered if one.measures):
        yield from ask(service, day)


def sources() -> "Iterator[Source]":
    """What else waits for staff."""
    for one in _registered:
        yield from one.sources


def subjects() -> "Iterator[Subject]":
    """What else customers can ask about."""
    for one in _registered:
        yield from one.subjects


def troubles(staff: User) -> Iterator[Trouble]:
    """What else is wrong at this moment with what somebody reaches."""
    for one in _registered:
        yield from filter(None, (ask(staff) for ask in one.troubles))


def tell_facts_changed(contract: int) -> None:
    """Say that quantities, days or agreements of a contract changed."""
    for tell in (one.facts_changed for one in _registered if one.facts_changed):
        tell(contract)


def make_debts_due(contract: Contract, on: date | None) -> None:
    """Make what a contract owes due on a day; None: on its own days again."""
    for make in (one.debts_due for one in _registered if one.debts_due):
        make(contract, on)


def debts_due_on(contract: Contract) -> date | None:
    """The day on which what a contract owes was made due before its own days; None where it was not."""
    return next((ask(contract) for ask in (one.debts_due_on for one in _registered) if ask), None)


def unsettled(contract: Contract) -> list[str]:
    """What of a contract is open, each in words."""
    return [what for ask in (one.unsettled for one in _registered) if ask for what in ask(contract)]


def is_priced(agent: SalesAgent, day: date) -> bool:
    """Whether something tells at which prices an agent sells on a day; true where nobody knows."""
    return all(one.is_priced(agent, day) for one in _registered if one.is_priced)


def is_paid_once(contract: Contract, product: str) -> bool:
    """Whether what is charged once for a product of a contract is paid; true where nobody knows."""
    return all(one.is_paid_once(contract, product) for one in _registered if one.is_paid_once)


def price_when_made(contract: Contract, product: str) -> int | None:
    """What a unit of a product cost when a contract was made, in yen without tax; None where nobody knows."""
    asked = (one.price_when_made(contract, product) for one in _registered if one.price_when_made)
    return next((price for price in asked if price is not None), None)


def tell_rules_changed(service: int) -> None:
    """Say that terms of a service were published, or are read otherwise."""
    for tell in (one.rules_changed for one in _registered if one.rules_changed):
        tell(service)


def takeover_parts() -> "Iterator[TakeoverParts]":
    """What else is read of files of running contracts."""
    yield from (one.takeover for one in _registered if one.takeover)


def product_prices(version: TermsVersion) -> dict[str, ProductPrice]:
    """What a unit of each product of a version costs today, by the product's key."""
    asked = (one.product_prices for one in _registered if one.product_prices)
    return {key: price for ask in asked for key, price in ask(version).items()}


def marks(contracts: Sequence[Contract]) -> dict[int, list[Panel]]:
    """What is to be noticed of contracts, by primary key."""
    found: dict[int, list[Panel]] = {}
    for ask in (one.marks for one in _registered if one.marks):
        for pk, panel in ask(contracts).items():
            found.setdefault(pk, []).append(panel)
    return found


def passed_on(party: ContractParty, predecessor: Organisation) -> None:
    """Let whoever keeps accounts follow when another takes the customer's place in a contract."""
    for follow in (one.passed_on for one in _registered if one.passed_on):
        follow(party, predecessor)


def worked_examples(version: TermsVersion) -> "Sequence[Result] | None":
    """How the worked examples of a version come out as it is read; None where there are none for it."""
    found = (ask(version) for ask in (one.examples for one in _registered if one.examples))
    return next((results for results in found if results is not None), None)


def life_player() -> "LifePlayer | None":
    """Who plays whole lives of contracts; None where nobody can."""
    return next((one.lives for one in _registered if one.lives), None)


def shown_in(slot: Slot, *about: object) -> SafeString:
    """What stands in a slot of a page, given what the page is about."""
    panels = [one.panels[slot](*about) for one in _registered if slot in one.panels]
    return format_html_join("", "{}", ((panel.rendered(),) for panel in panels if panel))
