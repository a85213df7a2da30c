"""What is known of contracts by now and their charges follow from, for the pure calculation."""

import hashlib
import json
from collections.abc import Iterable
from datetime import date

from billing.calculation.charged.facts import Facts, Held, OwnPrice, Use
from billing.calculation.prices import PriceList
from billing.models import PriceListVersion, SpecialPrice
from contracts.models import Contract, Service, TermsVersion
from contracts.policies.rulebooks import Rulebooks
from contracts.rules.calendar.period import Month
from contracts.rules.policy.schema import Policy


class KnownFacts:
    """Facts of contracts. Terms and price lists are read once and serve every contract.

    Make one for a page or a run, and drop it afterwards: it does not see later changes.
    """

    def __init__(self) -> None:
        self.books = Rulebooks()
        self._prices: dict[int, list[PriceList]] = {}
        self._digests: dict[tuple[int, Month], str] = {}

    def of(
        self,
        contract: Contract,
        own_prices: Iterable[SpecialPrice],
        used: Iterable[Use] = (),
        before_the_first: Policy | None = None,
    ) -> Facts:
        """The facts of a contract; fetch its `items` beforehand.

        `before_the_first` are the rules of days before any terms were in force.
        """

        def policy_on(day: date) -> Policy | None:
            version = self.version_on(contract, day)
            return version.policy if version else before_the_first

        return Facts(
            policy_on=policy_on,
            prices=self.price_lists(contract.service),
            held=[
                Held(item.product, item.quantity, item.billed_from_on, item.billed_through_on)
                for item in contract.items.all()
            ],
            own_prices=[
                OwnPrice(price.product, price.unit_price, price.starts_on, price.ends_on)
                for price in own_prices
            ],
            used=tuple(used),
        )

    def version_on(self, contract: Contract, day: date) -> TermsVersion | None:
        """The terms of a day with what was agreed about the contract; None before the first."""
        return self.books.in_force_for(contract, day)

    def digest(self, service: Service, through: Month) -> str:
        """The SHA-256, in hexadecimal, of the service's rules and prices up to a month."""
        if (service.pk, through) not in self._digests:
            lists = [
                prices.model_dump_json()
                for prices in self.price_lists(service)
                if prices.effective_on <= through.last
            ]
            stated = json.dumps([self.books.digest(service, through.last), *sorted(lists)])
            self._digests[service.pk, through] = hashlib.sha256(stated.encode()).hexdigest()
        return self._digests[service.pk, through]

    def price_lists(self, service: Service) -> list[PriceList]:
        """All price lists of a service."""
        if service.pk not in self._prices:
            lists = PriceListVersion.objects.filter(service=service)
            self._prices[service.pk] = [stored.prices for stored in lists]
        return self._prices[service.pk]
