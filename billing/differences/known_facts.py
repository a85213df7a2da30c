"""What is known of contracts by now and their charges follow from, for the pure calculation."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from billing.calculation.charged.facts import Facts, Held, OwnPrice, Use
from billing.calculation.prices import PriceList, lists_between, lists_of_agent
from billing.models import PriceListVersion, SpecialPrice
from contracts.models import Contract, Service, TermsVersion
from contracts.policies.rulebooks import Rulebooks
from contracts.rules.calendar.period import Month
from contracts.rules.policy.schema import Policy


class KnownFacts:
    """Facts of contracts. Terms and price lists are read once and serve every contract.

    Make one for a page or a run, and drop it afterwards: it does not see later changes. It shares the
    `books` of a page that has some.
    """

    def __init__(self, books: Rulebooks | None = None) -> None:
        self.books = books or Rulebooks()
        self._prices: dict[int, _Lists] = {}
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
            prices=self.price_lists(contract),
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
            known = self._lists(service.pk)
            lists = [
                prices.agent + prices.model_dump_json(exclude={"agent"})
                for prices in (*known.provider, *(one for own in known.agents.values() for one in own))
                if prices.effective_on <= through.last
            ]
            stated = json.dumps([self.books.digest(service, through.last), *sorted(lists)])
            self._digests[service.pk, through] = hashlib.sha256(stated.encode()).hexdigest()
        return self._digests[service.pk, through]

    def price_lists(self, contract: Contract) -> list[PriceList]:
        """All price lists that count for a contract: those at which its agents sell, else the provider's."""
        known = self._lists(contract.service_id)
        if not known.agents:
            return known.provider
        since = self.books.agents_since(contract)
        found: list[PriceList] = []
        for index, (day, agent) in enumerate(since):
            end = since[index + 1][0] if index + 1 < len(since) else date.max
            lists = lists_of_agent(known.provider, known.agents.get(agent.pk, ()))
            found += lists_between(lists, day, end)
        return found

    def _lists(self, service_id: int) -> "_Lists":
        if service_id not in self._prices:
            known = _Lists([], {})
            for stored in PriceListVersion.objects.filter(service=service_id):
                of = known.agents.setdefault(stored.agent_id, []) if stored.agent_id else known.provider
                of.append(stored.prices)
            self._prices[service_id] = known
        return self._prices[service_id]


@dataclass(frozen=True)
class _Lists:
    """The price lists of a service: its provider's, and those of its agents by their primary keys."""

    provider: list[PriceList]
    agents: dict[int, list[PriceList]]
