"""What proposals about amounts have in common: the contract that they are about, and what is small."""

from dataclasses import dataclass
from datetime import datetime, time

from django.db.models import Model
from django.utils.timezone import localdate

from billing.invoicing.returns import RETURN
from contracts.models import Contract
from contracts.rules.calendar.period import JAPAN, Month
from portal.approvals.kinds import Kind, Subject, W
from portal.approvals.models import Proposal


@dataclass(frozen=True, kw_only=True)
class AmountKind(Kind[W]):
    """A kind for which the provider's amount for returns counts.

    Unless it says otherwise, who may change one-off amounts proposes it.
    """

    right: str = "billing.change_adjustment"
    amount_of: str = RETURN


def contract_of(number: str) -> Contract:
    """The contract of a number, with all that proposals say of it."""
    return Contract.objects.select_related("service__provider", "organisation").get(number=number)


def about_contract(contract: Contract, about: Model | None = None) -> Subject:
    """A contract, or something of it, by the names of the contract and its customer."""
    return Subject(
        about=about or contract,
        name=f"{contract.number} {contract.organisation.name}",
        provider=contract.service.provider.code,
        organisation=contract.organisation,
    )


def month_begins() -> datetime:
    """The moment from which what one person decided counts together, so that nothing is small in parts."""
    return datetime.combine(Month.of(localdate()).first, time(), JAPAN)


def small(amount: int, limit: int) -> Proposal.Without | None:
    """That one person decides on an amount, of either sign, that lies within the provider's limit."""
    return Proposal.Without.SMALL if abs(amount) <= limit else None
