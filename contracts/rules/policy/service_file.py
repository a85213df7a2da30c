"""The file that describes a service and its provider (`service.toml`), as a typed schema."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationError, field_validator, model_validator

from contracts.rules.policy.agents import AgentRole
from contracts.rules.policy.base import LocalText, Strict
from contracts.rules.policy.reading import PolicyError, read_toml
from contracts.rules.problems import explain, refusal

Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]


PaymentOrder = Literal["law", "due_first"]
"""Which claims a payment meets that names none: as the law says (民法488条4項), or those due first (2項)."""


class BankAccount(Strict):
    """Where customers pay to, as invoices show it, with the codes of bank and branch where they are known."""

    bank: Text
    branch: Text
    bank_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")] | None = None
    branch_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{3}$")] | None = None
    kind: Text
    number: Annotated[str, StringConstraints(pattern=r"^[0-9]{7}$")]
    holder: Text


class ReminderStep(Strict):
    """A payment reminder: from how many days after the due date, and how many days it gives to pay."""

    after_days: Annotated[int, Field(ge=1, le=365)]
    days_to_pay: Annotated[int, Field(ge=1, le=90)]


USUAL_REMINDERS = (
    ReminderStep(after_days=7, days_to_pay=10),
    ReminderStep(after_days=21, days_to_pay=10),
    ReminderStep(after_days=45, days_to_pay=7),
)
"""Our own practice where a provider names no other: none of the terms knows reminders."""


class IssuerFile(Strict):
    """A company that issues invoices, as it is when it is loaded first. `code` begins their numbers.

    Without a registration number it needs its corporate number (法人番号).
    """

    code: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,8}$")]
    name: Text
    name_en: str = ""
    registration_number: Annotated[str, StringConstraints(pattern=r"^(T[0-9]{13})?$")] = ""
    corporate_number: Annotated[str, StringConstraints(pattern=r"^([0-9]{13})?$")] = ""
    postal_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{3}-[0-9]{4}$")]
    address: Text
    phone: Text
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$")]
    hours: Annotated[str, StringConstraints(max_length=200)] = ""
    bank: BankAccount | None = None
    payment_note: Annotated[str, StringConstraints(max_length=300)] = ""
    reminders: tuple[ReminderStep, ...] = USUAL_REMINDERS
    payment_order: PaymentOrder = "law"

    @field_validator("reminders")
    @classmethod
    def _in_order(cls, reminders: tuple[ReminderStep, ...]) -> tuple[ReminderStep, ...]:
        days = [step.after_days for step in reminders]
        if days != sorted(set(days)):
            raise refusal("reminder_order")
        return reminders

    @model_validator(mode="after")
    def _known_by_a_number(self) -> IssuerFile:
        if not (self.registration_number or self.corporate_number):
            raise refusal("provider_number", at="registration_number")
        return self


class ProviderFile(IssuerFile):
    """The company behind a service."""

    bank: BankAccount


class Closure(Strict):
    """A day on which the provider is closed beyond its calendar's rules."""

    day: date
    note: str = ""


class ServiceFile(Strict):
    """A service, its provider, and what in it is sample data."""

    slug: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    name: LocalText
    summary: LocalText
    sample_note: LocalText | None = None
    fiscal_year_starts_in: Annotated[int, Field(ge=1, le=12)] = 4
    provider: ProviderFile
    closures: tuple[Closure, ...] = ()
    agents: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")], ...] = ()
    """The keys of the sales agents; the first answers where none is named."""


class AgentFile(Strict):
    """A sales agent of a service (`agent.toml`); `issuer` is how a counterparty issues its invoices."""

    name: LocalText
    role: AgentRole = "counterparty"
    fiscal_year_starts_in: Annotated[int, Field(ge=1, le=12)] = 4
    issuer: IssuerFile | None = None

    @model_validator(mode="after")
    def _issues_as_counterparty(self) -> AgentFile:
        if self.issuer and self.role != "counterparty":
            raise refusal("issuer_no_counterparty", at="issuer")
        return self


def read_agent(text: str) -> AgentFile:
    """Read an agent's file from TOML; PolicyError lists every problem with its path and reason."""
    try:
        return AgentFile.model_validate(read_toml(text, PolicyError))
    except ValidationError as error:
        raise PolicyError(explain(error)) from error


def read_service(text: str) -> ServiceFile:
    """Read a service file from TOML; PolicyError lists every problem with its path and reason."""
    try:
        return ServiceFile.model_validate(read_toml(text, PolicyError))
    except ValidationError as error:
        raise PolicyError(explain(error)) from error
