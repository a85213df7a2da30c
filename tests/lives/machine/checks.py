"""What must be true of every life, after each billing run and at its end."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.db.models import Sum

from billing.differences.listing import differences_of
from billing.models import (
    Adjustment,
    BillingRun,
    CreditBalance,
    CreditEntry,
    Deposit,
    Invoice,
    Payment,
)
from billing.receivables.deposits import left_of
from billing.statements.content import statement
from contracts.models import Claim, Contract
from portal.organisations.models import Organisation
from tests.lives.machine.naive import fees, minimum
from tests.lives.machine.naive.days import later_month, month_of, months_from
from tests.lives.machine.player import Player

OTHER_THAN_FEES = (
    "minimum-term", "costs", "late-interest", "damages", "outage-credit", "surcharge", "deposit",
)  # fmt: skip


class FailedError(AssertionError):
    """An invariant does not hold: `what` is looked at; `expect` is what a worked example expects instead."""

    def __init__(self, what: str, message: str, **expect: Any) -> None:
        super().__init__(message)
        self.what = what
        self.expect = expect


def may_refuse(player: Player) -> None:
    """What the portal must take, it did not refuse: to acknowledge what counts by its receipt."""
    event = player.events[-1]
    asked = player.clerk.requests.get(event.get("request", ""))
    if event["do"] != "decide" or asked is None or asked.state != "submitted":
        return
    if event["answer"] == "accept" and player.clerk.counts_by_itself(asked):
        raise FailedError("refused", f"the receipt of {event['request']} could not be acknowledged")


def after_each(player: Player) -> None:
    """Dates and money, whatever happened."""
    if not player.clerk.exists:
        return
    contract = player.stage.contract
    if contract.ends_on != player.clerk.ends_on:
        raise FailedError(
            "end",
            f"the contract ends on {contract.ends_on}, by the terms on {player.clerk.ends_on}",
            ends_on=player.clerk.ends_on,
        )
    money(player)


def after_run(player: Player, month: str) -> None:
    """What was charged is what is owed for every month up to that of the run; later ones wait for theirs."""
    if not player.clerk.exists:
        return
    contract = player.stage.contract
    if not was_invoiced_before(player, contract, month):
        charged_is_owed(player, contract, month)
        if month in billed(player)[-1:]:
            nothing_left_to_settle(contract)
    numbers(player)
    statements(player)


def was_invoiced_before(player: Player, contract: Contract, month: str) -> bool:
    """Whether no run began, as a contract has its invoice of a month: what came since waits for the next."""
    begun_now = BillingRun.objects.filter(
        provider=player.stage.service.provider, month=f"{month}-01", started_at=player.now
    )
    invoices = Invoice.objects.charging().filter(contract=contract, month=f"{month}-01")
    return invoices.exists() and not begun_now.exists()


def charged_is_owed(player: Player, contract: Contract, through: str) -> None:
    """Months before the provider's first billing here count as invoiced elsewhere.

    After a run of an older month, usage may stand on a later invoice already, or wait for the next.
    """
    runs = billed(player)
    if not runs or runs[0] > through:
        return
    first, charged = runs[0], charged_by_month(contract)
    for month in months_from(min([first, *charged]), max([through, *charged])):
        owed = fees.owed(player.clerk, month, through) if month >= first else charged[month]
        most = fees.owed(player.clerk, month, runs[-1]) if month >= first else owed
        given = player.clerk.goodwill.get(month, 0)
        if month <= through and not owed - given <= charged[month] <= most:
            raise FailedError(
                "charged",
                f"{month} is charged {charged[month]}, owed are {owed}"
                + (f", {given} of that returned" * bool(given)),
                charged={month: owed - given},
            )


def billed(player: Player) -> list[str]:
    """The months that were billed."""
    issuing = (BillingRun.Status.ISSUING, BillingRun.Status.DONE)
    runs = BillingRun.objects.filter(provider=player.stage.service.provider, status__in=issuing)
    return sorted(month_of(run.month) for run in runs)


def lines_of(contract: Contract) -> Iterator[tuple[str, dict[str, Any]]]:
    """The lines of all documents that stand, with the month of use of each."""
    for invoice in Invoice.objects.filter(contract=contract, cancelled_on__isnull=True):
        for line in invoice.document["lines"]:
            yield line["period"]["from"][:7] if "period" in line else invoice.document["month"], line


def charged_by_month(contract: Contract) -> Counter[str]:
    """Fees, one-time charges and usage by the month of use, of all documents that stand."""
    sums: Counter[str] = Counter()
    for month, line in lines_of(contract):
        if line.get("adjustment") not in OTHER_THAN_FEES:
            sums[month] += line["amount"]
    return sums


def nothing_left_to_settle(contract: Contract) -> None:
    """Comparing all that was ever charged finds nothing."""
    found = Contract.objects.select_related("service__provider").prefetch_related("items").get(pk=contract.pk)
    left = [difference for one in differences_of([found]).values() for difference in one.differences]
    if left:
        told = ", ".join(
            f"{one.supply.month} {one.supply.product}: {one.charged} instead of {one.owed}" for one in left
        )
        raise FailedError("compared", f"comparing again finds {told}")


def money(player: Player) -> None:
    """Charged, less paid and credited, is what is open; each invoice and credit is the sum of its rows."""
    provider = player.stage.service.provider
    invoices = list(Invoice.objects.filter(provider=provider).defer("document"))
    live = [one for one in invoices if one.cancelled_on is None]
    entries = CreditEntry.objects.filter(balance__provider=provider)
    owed = sum(entries.filter(kind=CreditEntry.Kind.OWED).values_list("amount", flat=True))
    deposits = Deposit.objects.filter(contract__service__provider=provider, received_on__isnull=False)
    used = sum(one.amount - left_of(one) for one in deposits)
    open_now = sum(one.open_amount for one in live)
    credit = _sum(CreditBalance.objects.filter(provider=provider))
    came_in = cash(player)
    charged = sum(one.gross for one in live)
    if open_now - credit != charged - came_in - owed - used:
        raise FailedError(
            "money",
            f"{open_now} open less {credit} of credit; {charged} charged less {came_in} paid,"
            f" {owed} owed to the customer, {used} of deposits",
            open=charged - came_in - owed - used,
        )
    if credit != _sum(entries):
        raise FailedError("credit", f"the credit is {credit}, its entries come to {_sum(entries)}")
    for one in live:
        paid = _sum(Payment.objects.filter(invoice=one))
        if one.paid != paid:
            raise FailedError("paid", f"{one} says {one.paid} paid, its payments come to {paid}")


def cash(player: Player) -> int:
    """What came in by transfers that were taken, and by debits that the bank collected."""
    transfers = sum(event["amount"] for event in player.clerk.taken if event["do"] == "pay")
    provider = player.stage.service.provider
    debits = Payment.objects.filter(
        invoice__provider=provider, kind=Payment.Kind.DEBIT, takes_back__isnull=True, continues__isnull=True
    )
    return transfers + _sum(debits)


def _sum(rows: Any) -> int:
    return int(rows.aggregate(sum=Sum("amount", default=0))["sum"])


def numbers(player: Player) -> None:
    """No number is given twice, and none is left out."""
    provider = player.stage.service.provider
    rows = sorted(Invoice.objects.filter(provider=provider).values_list("kind", "fiscal_year", "sequence"))
    for (kind, year), group in groupby(rows, key=lambda row: row[:2]):
        given = [sequence for _kind, _year, sequence in group]
        if given != list(range(1, len(given) + 1)):
            raise FailedError("numbers", f"the numbers of {kind} in {year} are {given}")


def statements(player: Player) -> None:
    """A statement of account ends with what the ledger says is open, less credit."""
    provider, today = player.stage.service.provider, player.stage.today
    for organisation in Organisation.objects.filter(debts__provider=provider).distinct():
        stated = statement(provider, organisation, date(2020, 1, 1), today)["closing"]
        open_now = sum(
            Invoice.objects.filter(provider=provider, debtor=organisation).values_list(
                "open_amount", flat=True
            )
        )
        credit = _sum(CreditBalance.objects.filter(provider=provider, organisation=organisation))
        if stated != open_now - credit:
            raise FailedError(
                "statement",
                f"the statement of {organisation} ends with {stated}, by the ledger {open_now} less {credit}",
            )


def quantities(player: Player) -> None:
    """What is in use on single days of the life, and a while after it."""
    clerk, contract = player.clerk, player.stage.contract
    if clerk.starts_on is None:
        return
    for month in months_from(month_of(clerk.starts_on), later_month(month_of(player.now.date()), 2)):
        for day in (date.fromisoformat(f"{month}-01"), date.fromisoformat(f"{month}-15"), _last(month)):
            held = {
                key: count for key, count in contract.items_on(day).items() if fees.is_monthly(clerk, key)
            }
            if held != clerk.monthly(day):
                raise FailedError(
                    "quantities",
                    f"on {day} the contract contains {held}, by the terms {clerk.monthly(day)}",
                    quantities=clerk.monthly(day),
                )


def outcome(player: Player) -> dict[str, object]:
    """What a life comes to, as far as it is looked at here."""
    if not player.clerk.exists:
        return {"refused": sorted(player.refused)}
    contract, provider = player.stage.contract, player.stage.service.provider
    documents = Invoice.objects.filter(provider=provider).order_by("number")
    return {
        "refused": sorted(player.refused),
        "ends_on": contract.ends_on,
        "charged": charged_by_month(contract),
        "documents": list(documents.values_list("number", "gross", "open_amount", "due_on", "cancelled_on")),
        "credit": _sum(CreditBalance.objects.filter(provider=provider)),
    }


def outages(player: Player) -> None:
    """What outages take off the fees."""
    booked = Adjustment.objects.filter(contract=player.stage.contract, kind=Adjustment.Kind.OUTAGE_CREDIT)
    if player.credited != -_sum(booked):
        raise FailedError(
            "outages",
            f"outages gave {-_sum(booked)}, by the terms {player.credited}",
            other={"outage": -player.credited},
        )


def minimum_terms(player: Player) -> None:
    """What is claimed of minimum terms; once an invoice states that, later changes leave it alone."""
    contract, left = player.stage.contract, minimum.rest(player.clerk)
    claims = Claim.objects.filter(contract=contract, kind=Claim.Kind.MINIMUM_TERM)
    claimed = sum(claims.values_list("net", flat=True))
    if left is not None and claimed != left and not claims.filter(adjustments__isnull=False).exists():
        raise FailedError("minimum", f"{claimed} is claimed of the minimum term, by the terms {left}")


def _last(month: str) -> date:
    return date.fromisoformat(f"{later_month(month, 1)}-01") - timedelta(days=1)
