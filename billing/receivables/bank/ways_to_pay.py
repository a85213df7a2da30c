"""How a customer pays for each of its contracts, what else the terms offer, and whether it is set up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import OuterRef, Subquery, TextChoices
from django.utils.translation import gettext_lazy as _

from billing.models import DebitMandate, DirectDebitLine
from contracts.models import Contract, Provider, TermsVersion
from contracts.models.fields import PaymentMethod
from contracts.models.service import ProviderParticulars
from contracts.policies.rulebooks import Rulebooks
from portal.organisations.models import Organisation


class Standing(TextChoices):
    """How far a direct debit is set up."""

    AWAITED = "awaited", _("Your account is not registered yet")
    REGISTERED = "registered", _("Account registered")
    FAILED = "failed", _("The last debit did not go through")


@dataclass(frozen=True)
class WayToPay:
    """How a contract is paid; `issuer` is what is known of who is paid.

    `offered` are the other methods that the terms in force name, `version` these terms, with the `articles`
    by which the method's due days count. `standing` and
    `mandate` are of direct debits alone: an account serves all contracts with an issuer.
    """

    contract: Contract
    method: PaymentMethod
    offered: Sequence[PaymentMethod]
    version: TermsVersion
    articles: Sequence[str]
    issuer: ProviderParticulars
    standing: Standing | None
    mandate: DebitMandate | None

    @property
    def is_debit(self) -> bool:
        return self.method == PaymentMethod.DEBIT


def ways_to_pay(contracts: Iterable[Contract], organisation: Organisation, day: date) -> list[WayToPay]:
    """The ways to pay contracts of an organisation on a day. They should come with `agreements`."""
    books, mandates = Rulebooks(), _mandates(organisation)
    issuers: dict[int, Provider] = {}

    def way(contract: Contract) -> WayToPay:
        found = books.issuer_of(contract, day)
        issuer = issuers.setdefault(found.pk, found)
        version = books.governing(contract, day)
        method = PaymentMethod(contract.payment_method)
        mandate = mandates.get(issuer.pk) if method == PaymentMethod.DEBIT else None
        return WayToPay(
            contract=contract,
            method=method,
            offered=[
                PaymentMethod(one) for one in version.policy.application.payment_methods if one != method
            ],
            version=version,
            articles=[
                article
                for name, rule in version.policy.charging.due["usage"].items()
                if name == method
                for article in rule.article
            ],
            issuer=issuer.on(day),
            standing=_standing(mandate) if method == PaymentMethod.DEBIT else None,
            mandate=mandate,
        )

    return [way(contract) for contract in contracts]


def _mandates(organisation: Organisation) -> dict[int, DebitMandate]:
    """The account for each issuer that takes what is due, with the last result that the bank gave."""
    answered = DirectDebitLine.objects.filter(mandate=OuterRef("pk")).exclude(result="")
    last = answered.order_by("-batch__debit_on", "-pk").values("result")[:1]
    found = DebitMandate.objects.filter(organisation=organisation, ended_on__isnull=True)
    return {one.provider_id: one for one in found.annotate(last_result=Subquery(last))}


def _standing(mandate: DebitMandate | None) -> Standing:
    if mandate is None:
        return Standing.AWAITED
    result = getattr(mandate, "last_result", None)
    return Standing.REGISTERED if result in (None, DirectDebitLine.Result.DONE) else Standing.FAILED
