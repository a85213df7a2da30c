"""What a contract is charged for a month: everything that its invoice will state, but for the number."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import cast

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from billing.calculation.charged.facts import Facts, NotPricedError, Use, fees, prices_of, uses
from billing.calculation.charges import ChargeLine
from billing.calculation.due import issue_by, months_behind
from billing.calculation.invoice import Invoice as Calculation
from billing.calculation.invoice import calculate
from billing.calculation.prices import NoPriceError
from billing.calculation.tax import Taxation, TaxRates, Treatment, tax_rates
from billing.differences.compare import AGREES, Compared, Comparing
from billing.differences.known_facts import KnownFacts
from billing.documents.invoice_document import InvoiceDocument, Original
from billing.invoicing.draft_document import draft_document
from billing.models import Adjustment, SpecialPrice
from billing.pricing.pending import Pending, pending_of
from billing.receivables.owed import is_owed
from contracts.lifecycle.selling.agents import why_not_billing
from contracts.models import Contract, Provider, Service, TermsVersion
from contracts.problems.reasons import UnknownError
from contracts.rules.calendar.period import Month
from contracts.rules.decision import NotProvided
from contracts.rules.limits import LARGEST_TOTAL
from contracts.rules.policy.base import LocalText
from contracts.rules.policy.charging import PaymentMethod
from contracts.rules.policy.schema import Policy
from contracts.wording.formats import month_text
from contracts.wording.problems import reason_text
from contracts.wording.products import product_lines

_NOTHING = Pending()


class CannotBillError(Exception):
    """A contract that cannot be billed; the message says why, in words for the back office."""


class UnreadyAgentError(CannotBillError):
    """A contract whose sales agent lacks what it takes to bill anybody."""


@dataclass(frozen=True)
class Draft:
    """A calculated invoice of a contract, before it has a number; `pending` is what else it states.

    `issuer` issues it: the provider, or the contract's sales agent as the counterparty.

    `left_over` are damages beyond what the invoice charges: with its issue they become the customer's credit.
    """

    contract: Contract
    issuer: Provider
    version: TermsVersion
    calculation: Calculation
    month: Month
    taxation: Taxation
    pending: Pending
    left_over: tuple[Adjustment, ...] = ()

    def document(self, number: str, issued_on: date, original: Original | None = None) -> InvoiceDocument:
        """All that the invoice states, from facts as they are now; `original` is the one that it replaces."""
        return draft_document(
            self.contract,
            self.issuer,
            self.version,
            self.calculation,
            self.month,
            self.taxation,
            self.pending.adjustments,
            number,
            issued_on,
            original,
        )


class MonthlyCharges:
    """Drafts of a month. Terms, calendars and prices are read once and serve every contract.

    `prepare` reads for many contracts at once what else waits to be charged. `rates` are those of the law
    unless others are given. For several months at once, share what is `known`.
    """

    def __init__(self, month: Month, rates: TaxRates | None = None, known: KnownFacts | None = None) -> None:
        self.month = month
        self._rates = rates or tax_rates()
        self._known = known or KnownFacts()
        self._comparing = Comparing(month, self._known, self._rates)
        self._pending: dict[int, Pending] = {}
        self._compared: dict[int, Compared] = {}

    def prepare(self, contracts: Collection[Contract]) -> None:
        """Read the usage, one-off amounts and special prices of the contracts that come next.

        What they owe for earlier months is compared with what they were charged.
        """
        self.look_at(contracts)
        self._compared = self._comparing.compared(contracts, self._special_prices())

    def look_at(self, contracts: Collection[Contract]) -> None:
        """The same without what earlier months left to settle: it only reads, as pages do."""
        self._pending = pending_of(contracts, self.month)

    def compared(self, contract: Contract) -> Compared:
        """What is settled with the month's billing of earlier months of a contract."""
        return self._compared.get(contract.pk, AGREES)

    def note_settled(self, contracts: Collection[Contract], since: datetime) -> None:
        """Note that documents of contracts charge what facts gave at a moment, this month included."""
        self._comparing.note_settled(contracts, self._special_prices(), since)

    def _special_prices(self) -> dict[int, list[SpecialPrice]]:
        return {pk: waiting.special_prices for pk, waiting in self._pending.items()}

    def usage_month(self, service: Service) -> Month:
        """The month whose call charges stand on this month's invoices."""
        version = self._known.books.in_force(service, self.month.last)
        if version is None:
            return self.month
        return self.month + -months_behind(version.policy.charging, "calls", None)

    def issue_by(self, service: Service) -> date | None:
        """By when the terms want the month's invoices issued; None where they name no day."""
        version = self._known.books.in_force(service, self.month.last)
        if version is None or version.policy.charging.issue is None:
            return None
        return issue_by(version.policy.charging, self.month).issue_by

    def draft(self, contract: Contract, issuer: Provider | None = None) -> Draft | None:
        """What the contract is charged by the terms and prices of the month's last day; None for nothing.

        `issuer` is who issued what it replaces; without it, who is owed what is charged on that day.
        Reads `items`, `organisation` and `service__provider__particulars`: fetch them beforehand. Raises
        CannotBillError.
        """
        compared = self.compared(contract)
        charged = compared.own_charged or self._comparing.is_invoiced_elsewhere(contract)
        items = {} if charged else contract.items_charged_in(self.month)
        waiting = self._pending.get(contract.pk, _NOTHING)
        if compared.stated:
            waiting = replace(waiting, adjustments=[*waiting.adjustments, *compared.stated])
        if not (items or waiting.used or waiting.adjustments or compared.later):
            return None
        version = self._known.version_on(contract, self.month.last)
        if version is None:
            raise CannotBillError(_("No terms of the service are in force at the end of the month."))
        try:
            taken = self.due_now(contract, version.policy, waiting)
            issuer = issuer or self._issuer(contract, items, taken, compared.later)
            lines = self.lines(contract, version.policy, items, taken, compared.later)
            if not any(line.amount for line in lines):
                return None
            taxation = Taxation(self._rates, cache(issuer.is_registered_on))
            book = self._known.books.of(version)
            amounts = calculate(book, lines, self.month, _method(contract), taxation)
            left_over = _beyond(amounts.gross, taken.adjustments)
            if left_over:
                taken = replace(taken, adjustments=[one for one in taken.adjustments if one not in left_over])
                lines = self.lines(contract, version.policy, items, taken, compared.later)
                amounts = calculate(book, lines, self.month, _method(contract), taxation)
        except NotProvided as missing:
            raise CannotBillError(_("The policy has no rule “%(rule)s”.") % {"rule": missing}) from missing
        except UnknownError as unknown:
            why = reason_text(unknown.reason)
            raise CannotBillError(
                _("The policy does not fit the contract: %(why)s") % {"why": why}
            ) from unknown
        if amounts.gross < 0 or not any(line.amount for line in lines):
            raise CannotBillError(
                _(
                    "The credits exceed the charges of the month. Return an amount of an earlier invoice, or"
                    " give damages as credit."
                )
            )
        if amounts.gross > LARGEST_TOTAL:
            raise CannotBillError(_("The total is too large for an invoice. Check prices and quantities."))
        return Draft(contract, issuer, version, amounts, self.month, taxation, taken, left_over)

    def _issuer(
        self, contract: Contract, items: dict[str, int], taken: Pending, later: Sequence[ChargeLine]
    ) -> Provider:
        """Who is owed what is charged. UnreadyAgentError; CannotBillError where part is owed to another."""
        last, books = self.month.last, self._known.books
        agent = books.named_agent(contract, last)
        if agent and (why := why_not_billing(agent, localdate())):
            raise UnreadyAgentError(why)
        lists = self._known.price_lists(contract) if agent and items else ()
        if agent and items and not any(one.effective_on <= last for one in lists):
            text = _("The sales agent %(agent)s has no prices for %(month)s.")
            raise UnreadyAgentError(text % {"agent": agent.name, "month": month_text(self.month)})
        issuer = books.issuer_of(contract, last)
        months = {one.month for one in taken.used} | {one.month for one in later if one.month}
        months |= {Month.of(one.month) for one in taken.adjustments}
        for month in sorted(months):
            earlier = books.issuer_of(contract, month.last)
            if earlier != issuer:
                text = _("What is to be charged for %(month)s is owed to %(issuer)s, not to %(other)s.")
                facts = {"month": month_text(month), "issuer": earlier.name, "other": issuer.name}
                raise CannotBillError(text % facts)
        return issuer

    def due_now(self, contract: Contract, policy: Policy, waiting: Pending) -> Pending:
        """What of the waiting usage belongs on this month's invoice, with all one-off amounts."""
        if not waiting.used:
            return waiting
        method = _method(contract)

        lists = self._known.price_lists(contract)

        def belongs(month: Month, product: str) -> bool:
            with _in_words(policy):
                charge = prices_of(lists, month, {product: 1}).price(product).charge
            return month + months_behind(policy.charging, charge, method) <= self.month

        kinds = {(used.month, used.product) for used in waiting.used}
        due = {kind for kind in kinds if belongs(*kind)}
        return Pending(
            used=[used for used in waiting.used if (used.month, used.product) in due],
            adjustments=waiting.adjustments,
            special_prices=waiting.special_prices,
        )

    def lines(
        self,
        contract: Contract,
        policy: Policy,
        items: dict[str, int],
        taken: Pending,
        later: Sequence[ChargeLine] = (),
    ) -> tuple[ChargeLine, ...]:
        """The lines of quantities that are charged, of what else is due, and of what is charged later.

        Raises CannotBillError.
        """
        used = [Use(one.month, one.product, one.quantity) for one in taken.used]
        facts = self._known.of(contract, taken.special_prices, used, before_the_first=policy)
        with _in_words(policy):
            lines = [*fees(facts, self.month, items), *_uses(facts)]
        return (*lines, *later, *map(self._decided, taken.adjustments))

    def _decided(self, adjustment: Adjustment) -> ChargeLine:
        supplied = Month.of(adjustment.month)
        return ChargeLine(
            amount=adjustment.amount,
            tax=cast(Treatment, adjustment.tax),
            unit_price=adjustment.amount,
            articles=tuple(adjustment.articles),
            month=supplied if supplied != self.month else None,
            name=LocalText(**adjustment.names),
        )


def _uses(facts: Facts) -> Iterator[ChargeLine]:
    for month in sorted({one.month for one in facts.used}):
        yield from uses(facts, month)


@contextmanager
def _in_words(policy: Policy) -> Iterator[None]:
    """What hinders the calculation of charges, as CannotBillError."""
    try:
        yield
    except NotPricedError as missing:
        products = cast(list[str], missing.reason.values["products"])
        if missing.reason.key == "no_prices":
            text = _("The price list has no price for %(products)s.")
            raise CannotBillError(text % {"products": ", ".join(products)}) from missing
        names = ", ".join(line.name for line in product_lines(policy, [(key, 1) for key in products]))
        text = _("%(products)s: the price by individual quotation is not entered yet.")
        raise CannotBillError(text % {"products": names}) from missing
    except NoPriceError as missing:
        text = _("No price list of the service is in force at the end of the month.")
        raise CannotBillError(text) from missing


def _method(contract: Contract) -> PaymentMethod:
    return cast(PaymentMethod, contract.payment_method)


def _beyond(gross: int, adjustments: Sequence[Adjustment]) -> tuple[Adjustment, ...]:
    """The damages, the latest first, without which a total is no longer below zero; none where it is not."""
    left_over: list[Adjustment] = []
    for owed in reversed([one for one in adjustments if is_owed(one)]):
        if gross < 0:
            left_over.append(owed)
            gross -= owed.amount
    return tuple(left_over)
