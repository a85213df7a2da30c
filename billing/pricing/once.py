"""What is charged once for a product of a contract: its price then, and whether it is paid."""

from billing.models import Invoice, PriceListVersion
from contracts.models import Contract
from contracts.rules.calendar.period import japan_date


def price_when_made(contract: Contract, product: str) -> int | None:
    """The list price of a unit on the day of formation, in yen without tax; None where no list has one."""
    made_on = contract.formed_on or japan_date(contract.applied_at)
    listed = PriceListVersion.objects.in_force(contract.service, made_on, contract.agent_on(made_on))
    prices = listed.prices.prices if listed else ()
    return next((price.unit_price for price in prices if price.product == product), None)


def is_paid_once(contract: Contract, product: str) -> bool:
    """Whether every invoice that charges a product of a contract is paid in full, and there is one."""
    invoices = Invoice.objects.charging().filter(contract=contract)
    charging = [
        invoice.open_amount == 0
        for invoice in invoices
        if any(line["product"] == product for line in invoice.document["lines"])
    ]
    return bool(charging) and all(charging)
