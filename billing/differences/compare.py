"""Earlier months of contracts: what is owed for them by now, against what documents charge."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from django.db.models import Sum
from django.utils import timezone

from billing.calculation.charged.credits import corrected, credit_differences, credits_owed
from billing.calculation.charged.differences import (
    Aside,
    Difference,
    Taking,
    differences,
    later_line,
    parts,
    reaches_back,
    takings,
    without_new_invoice,
)
from billing.calculation.charged.facts import Facts, Use, charges
from billing.calculation.charged.rounding import TAX, tax_difference
from billing.calculation.charged.standing import Standing, Supply, standing
from billing.calculation.charges import ChargeLine
from billing.calculation.tax import TaxRates, supply_day
from billing.differences.billed import first_billed
from billing.differences.documents import Documents, documents_of
from billing.differences.elsewhere import charged_here_since
from billing.differences.known_facts import KnownFacts
from billing.differences.marks import digest, note_agreement
from billing.differences.outage_credits import Credited, credited_of
from billing.models import (
    Adjustment,
    ChargeDifference,
    Comparison,
    Invoice,
    SpecialPrice,
    UsageRecord,
)
from billing.models.difference import ChargeDifferenceQuerySet
from contracts.models import Contract
from contracts.models.fields import in_each_language
from contracts.problems.reasons import UnansweredError
from contracts.rules.calendar.period import Month
from contracts.rules.decision import Step
from contracts.rules.stored import to_stored


@dataclass(frozen=True)
class Compared:
    """What a billing settles of one contract's earlier months.

    `later` are lines of the next invoice, `returns` what is returned of which invoice, by its number, and
    `errors` the numbers of invoices that are issued anew. What is missing of credits for outages, or too
    much, is stated by the next invoice (`stated`), or goes with what is returned of an invoice
    (`returned_with`, by its number); neither is stored yet. `differences` are all of these, but for credits
    of the billed month itself. `own_charged`: other documents charge some of that month, so that `later` has
    all that is left of it.
    """

    differences: tuple[Difference, ...] = ()
    later: tuple[ChargeLine, ...] = ()
    returns: Mapping[str, tuple[Taking, ...]] = field(default_factory=dict)
    errors: tuple[str, ...] = ()
    stated: tuple[Adjustment, ...] = ()
    returned_with: Mapping[str, Adjustment] = field(default_factory=dict)
    own_charged: bool = False

    @property
    def corrects(self) -> bool:
        """Whether documents are issued beside the month's invoice."""
        return bool(self.returns or self.errors or self.returned_with)


AGREES = Compared()
_NO_CREDIT = Credited()


class Comparing:
    """Compares what contracts owe for months before the one that is billed, where something changed.

    With `everything`, contracts are compared whether or not they are marked; `lists` compares what waits for
    a decision, too, as it is listed anew. Read once, terms and prices serve every contract.
    """

    def __init__(
        self,
        month: Month,
        known: KnownFacts,
        rates: TaxRates,
        *,
        everything: bool = False,
        lists: bool = False,
    ) -> None:
        self._lists = lists
        self._month = month
        self._known = known
        self._rates = rates
        self._everything = everything
        self._first: dict[int, Month] = {}
        self._here_since: dict[int, Month] = {}

    def compared(
        self, contracts: Collection[Contract], special_prices: Mapping[int, Sequence[SpecialPrice]]
    ) -> dict[int, Compared]:
        """What is to be settled, by the contracts' primary keys; nothing for those where all agrees.

        Those are noted as compared. Fetch `items` and `service__provider` beforehand.
        """
        since = timezone.now()
        self._here_since = charged_here_since([contract.pk for contract in contracts])
        charged_ahead = self._charged_ahead(contracts)
        chosen = [
            contract
            for contract in self._changed(contracts, special_prices)
            if contract.pk not in charged_ahead
        ]
        chosen += [contract for contract in contracts if contract.pk in charged_ahead]
        if not chosen:
            return {}
        found = self._all(chosen, special_prices)
        # Of who has documents of later months, those are not compared here: what is noted stays noted.
        agreeing = [one for one in chosen if one.pk not in found and one.pk not in charged_ahead]
        note_agreement(agreeing, special_prices, self._month + -1, self._known, since)
        return found

    def note_settled(
        self,
        contracts: Collection[Contract],
        special_prices: Mapping[int, Sequence[SpecialPrice]],
        since: datetime,
    ) -> None:
        """Note that documents of contracts charge by now what facts give, the billed month included."""
        keys = [contract.pk for contract in contracts]
        to_list_first = set(
            Comparison.objects.filter(contract__in=keys, first_listed=False).values_list("pk", flat=True)
        )
        open_otherwise = to_list_first | self._charged_ahead(contracts)
        compared = [contract for contract in contracts if contract.pk not in open_otherwise]
        note_agreement(compared, special_prices, self._month, self._known, since)
        ChargeDifference.objects.filter(contract__in=keys, state=ChargeDifference.State.FOUND).delete()

    def _changed(
        self, contracts: Collection[Contract], special_prices: Mapping[int, Sequence[SpecialPrice]]
    ) -> list[Contract]:
        """Those that are marked, or not compared up to the month before, or whose digest is another."""
        if self._everything:
            return list(contracts)
        rows = Comparison.objects.filter(contract__in=[contract.pk for contract in contracts])
        known = {row.contract_id: row for row in rows}
        return [
            contract
            for contract in contracts
            if self._is_to_compare(contract, known.get(contract.pk), special_prices.get(contract.pk, ()))
        ]

    def _is_to_compare(
        self, contract: Contract, row: Comparison | None, special_prices: Iterable[SpecialPrice]
    ) -> bool:
        if row is None or row.through is None:
            return row is None or row.first_listed
        if not row.first_listed:
            return False
        through = Month.of(row.through)
        if row.changed_at or through + 1 < self._month:
            return True
        return row.digest != digest(contract, special_prices, through, self._known)

    def _charged_ahead(self, contracts: Collection[Contract]) -> set[int]:
        """Contracts with documents of later months, which may charge some of this one."""
        later = Invoice.objects.live().filter(
            contract__in=[contract.pk for contract in contracts], month__gt=self._month.first
        )
        return set(later.values_list("contract", flat=True))

    def _all(
        self, contracts: Sequence[Contract], special_prices: Mapping[int, Sequence[SpecialPrice]]
    ) -> dict[int, Compared]:
        keys = [contract.pk for contract in contracts]
        known = ChargeDifference.objects
        aside = _set_aside(keys, known.waived() if self._lists else known.set_aside())
        documents, used = documents_of(keys), _charged_use(keys)
        credited = credited_of(contracts)
        found: dict[int, Compared] = {}
        for contract in contracts:
            one = self._one(
                contract,
                documents.get(contract.pk, Documents()),
                special_prices.get(contract.pk, ()),
                used.get(contract.pk, ()),
                aside.get(contract.pk, {}),
                credited.get(contract.pk, _NO_CREDIT),
            )
            if one.differences or one.own_charged or one.stated:
                found[contract.pk] = one
        return found

    def _one(
        self,
        contract: Contract,
        documents: Documents,
        special_prices: Iterable[SpecialPrice],
        used: Sequence[Use],
        aside: Mapping[Supply, Aside],
        credited: Credited,
    ) -> Compared:
        stands = standing(documents.stated)
        own_charged = any(supply.month == self._month for supply in stands)
        facts = self._known.of(contract, special_prices, used)
        last = self._month if own_charged else self._month + -1
        owed: dict[Month, tuple[ChargeLine, ...]] = {}
        for month in self._months(contract, stands, last):
            try:
                owed |= charges(facts, [month])
            except UnansweredError:
                continue  # what can't be calculated yet, the month's own billing names
        found = differences(owed, stands, documents.invoices, self._rate_of, aside)
        found += _tax_differences(documents, facts, owed)
        settled = self._settled_by_cause(contract, found, stands, own_charged, aside)
        return self._with_credits(contract, settled, credited, facts, documents.invoices, aside)

    def _with_credits(
        self,
        contract: Contract,
        settled: Compared,
        credited: Credited,
        facts: Facts,
        invoices: Mapping[Month, str],
        aside: Mapping[Supply, Aside],
    ) -> Compared:
        """With what is missing of credits for outages, or too much: they follow what fees they lower."""
        first = self._first_charged(contract)
        compared = [month for month in credited.amounts if first <= month <= self._month]
        if not compared:
            return settled
        outages = [counted for counted in credited.outages if counted.month in compared]
        try:
            owed = credits_owed(facts, outages, compared)
        except UnansweredError:
            return settled  # what can't be calculated yet, the month's own billing names
        found = credit_differences(owed, credited.amounts, invoices, aside)
        stated: list[Adjustment] = []
        returned_with: dict[str, Adjustment] = {}
        for month, one in found.items():
            if not self._reaches_back(contract, one):
                continue
            correction = self._correction(contract, one, owed[month].steps or credited.steps.get(month, ()))
            taken = sum(taking.amount for taking in settled.returns.get(one.invoice or "", ()))
            if one.invoice and one.invoice not in settled.errors and one.amount < taken:
                returned_with[one.invoice] = correction
            else:
                stated.append(correction)
        earlier = [one for one in found.values() if one.supply.month < self._month]
        return replace(
            settled,
            differences=(*settled.differences, *filter(partial(self._reaches_back, contract), earlier)),
            stated=tuple(stated),
            returned_with=returned_with,
        )

    def _correction(self, contract: Contract, difference: Difference, steps: Sequence[Step]) -> Adjustment:
        """A credit for outages, not stored yet, that brings what was credited to what is owed."""
        kind, month = Adjustment.Kind.OUTAGE_CREDIT, difference.supply.month
        decision = corrected(steps, difference)
        return Adjustment(
            contract=contract,
            kind=kind,
            names=in_each_language(kind.label),
            month=month.first,
            amount=difference.amount,
            tax=Adjustment.Treatment.STANDARD,
            terms_version=self._known.version_on(contract, month.last),
            articles=list(decision.articles),
            decision=to_stored(decision),
            decided_at=timezone.now(),
        )

    def _months(self, contract: Contract, stands: Mapping[Supply, Standing], last: Month) -> Iterator[Month]:
        """The months of which documents charge something, or should: from the provider's first billing on.

        What was supplied before that was invoiced elsewhere.
        """
        begun = [Month.of(item.billed_from_on) for item in contract.items.all()]
        begun += [supply.month for supply in stands]
        month = max(min(begun, default=last + 1), self._first_charged(contract))
        while month <= last:
            yield month
            month += 1

    def is_invoiced_elsewhere(self, contract: Contract) -> bool:
        """Whether the billed month of a contract, among those last compared, was invoiced elsewhere."""
        return self._here_since.get(contract.pk, self._month) > self._month

    def _first_charged(self, contract: Contract) -> Month:
        """The first month that a contract is charged here."""
        first = self._first_billed(contract.service.provider_id)
        return max(first, self._here_since.get(contract.pk, first))

    def _first_billed(self, provider: int) -> Month:
        """The first month that a provider billed here; the billed one where there is none."""
        if provider not in self._first:
            self._first[provider] = first_billed(provider) or self._month
        return self._first[provider]

    def _settled_by_cause(
        self,
        contract: Contract,
        found: Sequence[Difference],
        stands: Mapping[Supply, Standing],
        own_charged: bool,
        aside: Mapping[Supply, Aside],
    ) -> Compared:
        settled = [one for one in found if self._reaches_back(contract, one)]
        left = {supply.month for supply in aside}
        left |= {one.supply.month for one in found if one not in settled}
        settled = [one for one in settled if one.supply.product != TAX or one.supply.month not in left]
        settled = [without_new_invoice(one) if one.supply.month in left else one for one in settled]
        anew = (one for one in settled if one.cause == "error" and not one.charged_anew)
        errors = {one.invoice for one in anew if one.invoice}
        apart = [part for one in settled if one.invoice not in errors for part in parts(one)]
        returns: dict[str, list[Taking]] = {}
        for one in apart:
            for taking in takings(one, stands[one.supply]) if one.amount < 0 else ():
                returns.setdefault(taking.invoice, []).append(taking)
        return Compared(
            differences=tuple(settled),
            later=tuple(later_line(one) for one in apart if one.amount > 0),
            returns={number: tuple(taken) for number, taken in returns.items()},
            errors=tuple(sorted(errors)),
            own_charged=own_charged,
        )

    def _reaches_back(self, contract: Contract, difference: Difference) -> bool:
        version = self._known.version_on(contract, difference.supply.month.last)
        rule = version.policy.charging.corrections if version else None
        return reaches_back(rule, difference, self._month)

    def _rate_of(self, line: ChargeLine, month: Month) -> str | None:
        if line.tax == "outside":
            return None
        return str(self._rates.percent(line.tax, supply_day(line, month.last)))


def _tax_differences(documents: Documents, facts: Facts, months: Collection[Month]) -> Iterator[Difference]:
    """Where invoices of months, of which nothing was returned, are to round their tax otherwise."""
    for month, invoice in documents.invoices.items():
        policy = facts.policy_on(month.last)
        if policy and month in months and invoice not in documents.returned:
            found = tax_difference(month, invoice, documents.taxes[month], policy.charging.tax)
            if found:
                yield found


def _charged_use(contracts: Collection[int]) -> dict[int, list[Use]]:
    """The use that documents charge, by contract; what waits is charged by its own records."""
    charged = UsageRecord.objects.standing().filter(contract__in=contracts, invoice__isnull=False)
    sums = charged.order_by().values_list("contract", "month", "product").annotate(Sum("quantity"))
    found: dict[int, list[Use]] = {}
    for contract, first, product, quantity in sums:
        found.setdefault(contract, []).append(Use(Month.of(first), product, quantity))
    return found


def _set_aside(
    contracts: Collection[int], differences: ChargeDifferenceQuerySet
) -> dict[int, dict[Supply, Aside]]:
    """What no billing settles of differences, by contract and supply."""
    rows = differences.filter(contract__in=contracts)
    found: dict[int, dict[Supply, Aside]] = {}
    for contract, first, product, amount in rows.values_list("contract", "month", "product", "amount"):
        by_supply = found.setdefault(contract, {})
        supply = Supply(Month.of(first), product)
        by_supply[supply] = by_supply.get(supply, Aside()).and_also(amount)
    return found
