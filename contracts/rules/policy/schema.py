"""The policy: all computable rules of one version of one 約款, as a typed schema.

A policy is written in TOML. `read_policy` refuses whatever the schema does not know and names every
problem by its path and its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from contracts.problems.reasons import Reason, UnknownError
from contracts.rules.calendar.business_days import CalendarRule
from contracts.rules.calendar.deadline import CalendarName
from contracts.rules.calendar.hours import DailyHours
from contracts.rules.life.cancellation import CancellationRule
from contracts.rules.life.change import ChangeKind, ChangeRule
from contracts.rules.life.consent import ConsentRenewalRule
from contracts.rules.life.device import DeviceReturnRule
from contracts.rules.life.effect import EffectRule
from contracts.rules.life.ending import EndingRule, OfferKind
from contracts.rules.life.formation import FormationRule
from contracts.rules.life.notice import NoticeRules
from contracts.rules.life.stop import PauseRule, SuspensionRule
from contracts.rules.life.succession import SuccessionRule
from contracts.rules.life.term import DataErasureRule, MinimumTermRule, RenewalRule
from contracts.rules.life.termination import TerminationRule
from contracts.rules.life.withdrawal import WithdrawalRule
from contracts.rules.life.written import WrittenAcceptanceRule
from contracts.rules.policy.addressees import AddresseeRule, Correspondence
from contracts.rules.policy.agents import AgentsRule, DecidedByAgent
from contracts.rules.policy.base import ListedReason as ListedReason
from contracts.rules.policy.base import LocalText, Rule, Strict
from contracts.rules.policy.charging import Charging, PaymentMethod
from contracts.rules.policy.governing import EffectiveRule, TransitionalProvision
from contracts.rules.policy.particulars import FieldKey as FieldKey
from contracts.rules.policy.products import Product
from contracts.rules.policy.reading import PolicyError, read_toml
from contracts.rules.policy.receipt import ReceiptRule
from contracts.rules.policy.review import CheckRule
from contracts.rules.policy.service_level import ServiceLevelRule
from contracts.rules.problems import explain, refusal


class Disclosure(Rule):
    """A fact of the terms that is shown to the people concerned; `on_invoices` prints it there too.

    With `methods` it is printed on invoices that are paid in one of these ways alone.
    """

    text: LocalText
    on_invoices: bool = False
    methods: tuple[PaymentMethod, ...] = ()

    def stands_on_invoice(self, method: str) -> bool:
        """Whether an invoice that is paid in this way states it."""
        return self.on_invoices and (not self.methods or method in self.methods)


class ApplicationField(Strict):
    """A particular that the application form asks for beyond name and address."""

    key: FieldKey
    required: bool = True


class ApplicationDocument(Rule):
    """A document that an application must bring along, or may.

    One that proves an `identity` is kept no longer than until that was seen, or the application is decided.
    """

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: LocalText
    required: bool = True
    identity: bool = False


class ApplicationRule(Rule):
    """What an application must contain, and which article makes sending it consent to the terms."""

    fields: tuple[ApplicationField, ...] = ()
    documents: tuple[ApplicationDocument, ...] = ()
    consent: Rule
    payment_methods: tuple[Literal["transfer", "debit"], ...] = ("transfer",)


class IndividualAgreementRule(Rule):
    """That what is agreed with one customer goes before the terms."""


class Policy(Strict):
    """All rules of one version. What a document does not provide for stays None."""

    version: str = Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z.\-]*$")
    title: str
    effective: EffectiveRule
    revised_on: date | None = None
    announced_on: date | None = None
    calendars: dict[CalendarName, CalendarRule]
    products: tuple[Product, ...]
    application: ApplicationRule
    addressees: dict[Correspondence, AddresseeRule] = {}
    refusal_reasons: tuple[ListedReason, ...]
    receipt: tuple[ReceiptRule, ...] = ()
    checks: tuple[CheckRule, ...] = ()
    formation: FormationRule
    written_acceptance: WrittenAcceptanceRule | None = None
    cancellation: CancellationRule
    changes: dict[ChangeKind, ChangeRule]
    consent_renewal: ConsentRenewalRule | None = None
    renewal: RenewalRule | None = None
    minimum_term: MinimumTermRule | None = None
    data_erasure: DataErasureRule | None = None
    notices: NoticeRules
    transitional: tuple[TransitionalProvision, ...] = ()
    agents: AgentsRule | None = None
    individual_agreements: IndividualAgreementRule | None = None
    suspension: SuspensionRule | None = None
    pause: PauseRule | None = None
    termination: TerminationRule | None = None
    endings: dict[OfferKind, EndingRule] = {}
    succession: SuccessionRule | None = None
    withdrawal: WithdrawalRule | None = None
    device_return: DeviceReturnRule | None = None
    charging: Charging
    service_level: ServiceLevelRule | None = None
    daily_hours: tuple[DailyHours, ...] = ()
    disclosures: tuple[Disclosure, ...] = ()

    @model_validator(mode="after")
    def _names_resolve(self) -> Policy:
        if "company" not in self.calendars:
            raise refusal("no_company_calendar", at="calendars")
        for path, name in _named_calendars("", self):
            if name not in self.calendars:
                raise refusal("no_calendar", at=path, name=name)
        keys = [product.key for product in self.products]
        for key in keys:
            if keys.count(key) > 1:
                raise refusal("key_twice", at="products", key=key)
        _keys_resolve(self)
        _addressees_are_asked_for(self)
        for product in self.products:
            named_products: dict[str, Iterable[str]] = {
                "includes": product.includes,
                "covers": product.covers,
                "brings": product.brings,
                "needs": product.needs,
                "counted_by": (product.counted_by,) if product.counted_by else (),
            }
            for name, named in named_products.items():
                for key in named:
                    if key not in keys:
                        raise refusal("no_product", at=f"products.{product.key}.{name}", key=key)
        return self

    def product(self, key: str) -> Product:
        """The product of a key; UnknownError if there is none."""
        for product in self.products:
            if product.key == key:
                return product
        raise UnknownError(Reason("no_product", {"key": key}))

    def change_rule(self, kind: str) -> ChangeRule | None:
        """The rule on a kind of change; None where the terms provide for no such change."""
        return next((rule for name, rule in self.changes.items() if name == kind), None)

    def rule_on(self, kind: str) -> Rule | None:
        """The rule on a kind of request, changes and endings alike; None where the terms know none."""
        match kind:
            case "cancellation":
                return self.cancellation
            case "non_renewal":
                return self.renewal
            case _:
                return self.change_rule(kind)

    def effect_of(self, kind: str) -> EffectRule | None:
        """By what a request of a kind counts by itself; None where its acceptance counts."""
        if kind == "cancellation":
            return self.cancellation.effect
        rule = self.renewal if kind == "non_renewal" else self.change_rule(kind)
        return rule.effect if rule else None

    def refusals_of(self, kind: str) -> tuple[ListedReason, ...]:
        """For which listed reasons a request of a kind may be refused; none for kinds that are not known."""
        if kind == "cancellation":
            return self.cancellation.refusals
        rule = self.change_rule(kind)
        if rule is None:
            return ()
        return rule.refusals if rule.refused_by == "own" else (*rule.refusals, *self.refusal_reasons)

    def writes_to(self, particular: str) -> bool:
        """Whether e-mails on a contract go to whom a particular names."""
        return any(rule.particular == particular for rule in self.addressees.values())

    def checks_before(self, what: str) -> tuple[CheckRule, ...]:
        """The checks that must come before the acceptance of an `application`, or of a kind of request."""
        return tuple(check for check in self.checks if what in check.before)

    def left_to_agent(self, what: str) -> DecidedByAgent | None:
        """As what the sales agent decides an `application`, or a kind of request; None: the provider does."""
        decided = self.agents.decides if self.agents else ()
        return next((rule for rule in decided if what in rule.of), None)

    def receipt_of(self, what: str) -> ReceiptRule | None:
        """By which ways an `application`, or a kind of request, is received; None where they are silent."""
        named = next((rule for rule in self.receipt if what in rule.of), None)
        return named or next((rule for rule in self.receipt if not rule.of), None)

    @property
    def base_products(self) -> frozenset[str]:
        return frozenset(product.key for product in self.products if product.kind == "base")

    @property
    def options(self) -> frozenset[str]:
        return frozenset(product.key for product in self.products if product.kind == "option")

    def cited(self) -> Iterator[tuple[str, str]]:
        """Every article that the policy names, with the path of what names it."""
        yield from _citations("", self)
        for index, provision in enumerate(self.transitional):
            for key in provision.articles:
                yield f"transitional[{index}].articles", key


def _citations(path: str, node: object) -> Iterator[tuple[str, str]]:
    if isinstance(node, Rule):
        for key in node.article:
            yield f"{path}.article".lstrip("."), key
    if isinstance(node, Strict):
        for name in type(node).model_fields:
            yield from _citations(f"{path}.{name}", getattr(node, name))
    elif isinstance(node, Mapping):
        for name, value in node.items():
            yield from _citations(f"{path}.{name}", value)
    elif isinstance(node, tuple):
        for index, value in enumerate(node):
            yield from _citations(f"{path}[{index}]", value)


def _keys_resolve(policy: Policy) -> None:
    """What stands in one list has keys of its own, and reasons that are named are there."""
    suspension, pause, termination = policy.suspension, policy.pause, policy.termination
    lists: dict[str, tuple[ListedReason | ApplicationDocument | DailyHours, ...]] = {
        "daily_hours": policy.daily_hours,
        "application.documents": policy.application.documents,
        "refusal_reasons": policy.refusal_reasons,
        "suspension.reasons": suspension.reasons if suspension else (),
        "pause.reasons": pause.reasons if pause else (),
        "termination.grounds": termination.grounds if termination else (),
        "charging.costs": policy.charging.costs,
    }
    for path, reasons in lists.items():
        keys = [reason.key for reason in reasons]
        for key in keys:
            if keys.count(key) > 1:
                raise refusal("key_twice", at=path, key=key)
    until_paid = suspension.until_paid.reasons if suspension and suspension.until_paid else ()
    for key in until_paid:
        if key not in {reason.key for reason in lists["suspension.reasons"]}:
            raise refusal("no_reason", at="suspension.until_paid.reasons", key=key)


def _addressees_are_asked_for(policy: Policy) -> None:
    """Whom e-mails go to, applications name."""
    asked = {field.key for field in policy.application.fields}
    for rule in policy.addressees.values():
        if rule.particular not in asked:
            raise refusal("no_particular", at="addressees", key=rule.particular)


def _named_calendars(path: str, node: object) -> Iterator[tuple[str, str]]:
    """Every calendar that a rule names, with the path of the name."""
    if isinstance(node, Strict):
        for name in type(node).model_fields:
            value = getattr(node, name)
            inner = f"{path}.{name}".lstrip(".")
            if name == "calendar" and value is not None:
                yield inner, value
            elif name == "calendars" and isinstance(value, tuple):
                yield from ((inner, one) for one in value)
            else:
                yield from _named_calendars(inner, value)
    elif isinstance(node, Mapping):
        for name, value in node.items():
            yield from _named_calendars(f"{path}.{name}", value)
    elif isinstance(node, tuple):
        for index, value in enumerate(node):
            yield from _named_calendars(f"{path}[{index}]", value)


@lru_cache(maxsize=64)
def read_policy(text: str) -> Policy:
    """Read a policy from TOML; PolicyError lists every problem with its path and reason.

    Whoever reads the same text gets the same policy: copy it before anything is noted in it.
    """
    return policy_from(read_toml(text, PolicyError))


def policy_from(raw: Mapping[str, Any]) -> Policy:
    """Build a policy from plain data; PolicyError as for `read_policy`."""
    try:
        return Policy.model_validate(raw)
    except ValidationError as error:
        raise PolicyError(explain(error)) from error
