"""Scenes of months that were invoiced before a fact came: ct-e1, five seats at 5,000 yen a month."""

import pytest

from billing.models import Comparison, Invoice
from billing.runs.bill import bill
from contracts.lifecycle.items import end_contract
from contracts.models import Contract, ContractRequest, Service
from contracts.requests.product_forms import ProductChangeData
from contracts.rules.calendar.period import Month
from tests import scenes
from tests.billing_scene import load_priced_service
from tests.scenes import accept, apply, at, day


@pytest.fixture
def ct_e1(db) -> Service:
    return load_priced_service("ct-e1")


@pytest.fixture
def contract(ct_e1) -> Contract:
    return since_september(ct_e1)


def since_september(ct_e1: Service) -> Contract:
    """Five seats from 1 September 2026."""
    application = apply(ct_e1, {"seat": 5}, at("2026-07-10"), wanted_start_on=day("2026-09-01"))
    return accept(application, at("2026-07-12"))


def bill_months(service: Service, *months: int) -> None:
    for number in months:
        month = Month(2026, 1) + (number - 1)
        bill(service.provider, month, (month + 1).first)


def sixth_seat(contract: Contract) -> ContractRequest:
    """Asked in time for 30 October: charged from October on (11-2, general-4)."""
    data = ProductChangeData(product="seat", quantity=6, wanted_on=day("2026-10-30"))
    return scenes.ask(contract, "quantity_up", data, at("2026-09-30"))


def stated(month: int) -> list[tuple[str, int, int, str | None]]:
    """The lines of a month's invoice: product, quantity, amount, and the month where it is another."""
    invoice = Invoice.objects.charging().get(month=(Month(2026, 1) + (month - 1)).first)
    return [
        (line["product"], line["quantity"], line["amount"], line.get("period", {}).get("from"))
        for line in invoice.document["lines"]
    ]


def as_before_the_upgrade() -> None:
    """What was invoiced was never compared, and is compared for the first time now."""
    Comparison.objects.update(first_listed=False, digest="", through=None, changed_at=at("2026-11-06"))


def end_in_november(contract: Contract) -> None:
    """The contract ends with 30 November, which nobody knew when later months were invoiced."""
    fresh = Contract.objects.get(pk=contract.pk)
    end_contract(fresh, day("2026-11-30"), day("2026-11-30"), Contract.EndKind.CANCELLED)
