"""What proposals about amounts have in common: their contract, what is small, and what became of them."""

from dataclasses import dataclass
from datetime import datetime, time

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.timezone import localdate
from django.utils.translation import gettext

from billing.invoicing.returns import RETURN
from billing.models import Adjustment
from contracts.models import Contract
from contracts.models.fields import in_current_language
from contracts.rules.calendar.period import JAPAN, Month
from contracts.wording.formats import yen_text
from portal.approvals.kinds import Kind, Subject, W
from portal.approvals.models import Proposal
from portal.approvals.second_person import rule_of

DECIDED_ONCE = (
    Adjustment.Kind.SURCHARGE,
    Adjustment.Kind.EVADED_FEE,
    Adjustment.Kind.COSTS,
    Adjustment.Kind.LATE_INTEREST,
    Adjustment.Kind.DAMAGES,
    Adjustment.Kind.OUTAGE_CREDIT,
)
"""One-off amounts that are decided on, and count together."""


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


def small_in_all(contract: Contract, amount: int, limit: int) -> Proposal.Without | None:
    """What is decided of a contract within a month counts together, so that nothing is small in parts."""
    decided = contract.adjustments.filter(
        kind__in=DECIDED_ONCE, claim=None, decided_at__gte=month_begins(), decided_by__isnull=False
    )
    before = sum(abs(one) for one in decided.values_list("amount", flat=True))
    return small(before + abs(amount), limit)


def ensure_still_small(contract: Contract, amount: int, approval: Proposal) -> None:
    """Two amounts at once may each have looked small; with the contract locked, all of them count."""
    if approval.without_second != Proposal.Without.SMALL:
        return
    locked = Contract.objects.select_for_update().get(pk=contract.pk)
    if not small_in_all(locked, amount, rule_of(approval.provider).amounts.get(RETURN, 0)):
        text = gettext("Another amount of this contract was decided at the same moment. Please try again.")
        raise ValidationError(text, "small_together")


def became(adjustment: Adjustment) -> str:
    """What became of a decision, in words."""
    facts = {"name": in_current_language(adjustment.names), "amount": yen_text(adjustment.amount)}
    if adjustment.invoice:
        text = gettext("%(name)s: %(amount)s, stated by %(number)s.")
        return text % {**facts, "number": adjustment.invoice.number}
    return gettext("%(name)s: %(amount)s. The next invoice will state it.") % facts
