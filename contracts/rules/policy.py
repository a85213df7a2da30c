"""The policy: all computable rules of one version of one 約款, as a typed schema.

A policy is written in TOML. `read_policy` refuses whatever the schema does not know and names every
problem by its path and its reason.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from .base import LocalText, Rule, Strict
from .calendar import CalendarRule
from .cancellation import CancellationRule
from .change import ChangeKind, ChangeRule
from .charging import Charging
from .consent import ConsentRenewalRule
from .deadline import CalendarName
from .formation import FormationRule
from .governing import EffectiveRule, TransitionalProvision
from .notice import NoticeRules
from .problems import DataError, Problem, explain
from .products import Product
from .term import DataErasureRule, MinimumTermRule, RenewalRule


class ListedReason(Rule):
    """A reason for refusal or suspension that the terms list."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    text: LocalText


class Disclosure(Rule):
    """A fact of the terms that is shown to the people concerned; `on_invoices` prints it there too."""

    text: LocalText
    on_invoices: bool = False


class SuspensionRule(Rule):
    """How long the provider may suspend the service, and for which listed reasons."""

    max_months: int | None = None
    reasons: tuple[ListedReason, ...] = ()


FieldKey = Literal[
    "representative",
    "phone",
    "fax",
    "contract_contact",
    "technical_contact",
    "emergency_contact",
    "billing_address",
    "administrator",
    "responsible_person",
    "usage_breakdown",
    "identity_document",
]


class ApplicationField(Strict):
    """A particular that the application form asks for beyond name and address."""

    key: FieldKey
    required: bool = True


class ApplicationRule(Rule):
    """What an application must contain, and which article makes sending it consent to the terms."""

    fields: tuple[ApplicationField, ...] = ()
    consent: Rule
    payment_methods: tuple[Literal["transfer", "debit"], ...] = ("transfer",)


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
    refusal_reasons: tuple[ListedReason, ...]
    formation: FormationRule
    cancellation: CancellationRule
    changes: dict[ChangeKind, ChangeRule]
    consent_renewal: ConsentRenewalRule | None = None
    renewal: RenewalRule | None = None
    minimum_term: MinimumTermRule | None = None
    data_erasure: DataErasureRule | None = None
    notices: NoticeRules
    transitional: tuple[TransitionalProvision, ...] = ()
    suspension: SuspensionRule | None = None
    charging: Charging
    disclosures: tuple[Disclosure, ...] = ()

    @model_validator(mode="after")
    def _names_resolve(self) -> Policy:
        if "company" not in self.calendars:
            raise ValueError("calendars: the calendar 'company' is missing")
        for path, name in _named_calendars(self):
            if name not in self.calendars:
                raise ValueError(f"{path}: there is no calendar '{name}'")
        keys = [product.key for product in self.products]
        for key in keys:
            if keys.count(key) > 1:
                raise ValueError(f"products: '{key}' is there twice")
        for product in self.products:
            for name, named in (("includes", product.includes), ("covers", product.covers)):
                for key in named:
                    if key not in keys:
                        raise ValueError(f"products.{product.key}.{name}: there is no product '{key}'")
        return self

    def product(self, key: str) -> Product:
        """The product of a key; KeyError names it if there is none."""
        for product in self.products:
            if product.key == key:
                return product
        raise KeyError(f"product '{key}'")

    @property
    def base_products(self) -> frozenset[str]:
        return frozenset(product.key for product in self.products if product.kind == "base")

    def cited(self) -> Iterator[tuple[str, str]]:
        """Every citation in the policy, with the path of the rule that makes it."""
        yield from _citations("", self)


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


def _named_calendars(policy: Policy) -> Iterator[tuple[str, str]]:
    yield "cancellation.deadline.calendar", policy.cancellation.deadline.calendar
    for kind, rule in policy.changes.items():
        if rule.deadline:
            yield f"changes.{kind}.deadline.calendar", rule.deadline.calendar
    if policy.renewal:
        yield "renewal.notice.calendar", policy.renewal.notice.calendar
    if policy.data_erasure:
        yield "data_erasure.calendar", policy.data_erasure.calendar
    for purpose, notice in policy.notices.purposes.items():
        yield f"notices.purposes.{purpose}.calendar", notice.calendar
    for charge, methods in policy.charging.due.items():
        for method, due in methods.items():
            for name in due.calendars:
                yield f"charging.due.{charge}.{method}.calendars", name


class PolicyError(DataError):
    """A policy that can't be taken, with every problem found in it."""


def read_policy(text: str) -> Policy:
    """Read a policy from TOML; PolicyError lists every problem with its path and reason."""
    try:
        raw: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError([Problem("", f"not valid TOML: {error}")]) from error
    return policy_from(raw)


def policy_from(raw: Mapping[str, Any]) -> Policy:
    """Build a policy from plain data; PolicyError as for `read_policy`."""
    try:
        return Policy.model_validate(raw)
    except ValidationError as error:
        raise PolicyError(explain(error)) from error
