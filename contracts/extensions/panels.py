"""Pieces of pages that an app above contracts adds, and the named places in pages of contracts for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString


class Slot(StrEnum):
    """A place in pages of contracts, by its name in templates; beside it stands what the panel is given."""

    CONTRACT_MONEY = "contract.money"  # a contract, the organisation that reads: a section of the page
    CONTRACT_FEES = "contract.fees"  # a contract, the organisation that reads: rows of the contract's facts
    TO_PAY = "contract.to_pay"  # a contract, the organisation that reads: what is overdue, and where to pay
    SERVICE_PRICES = "service.prices"  # a version of the terms
    ESTIMATE = "estimate"  # a version of the terms, quantities by product, the day of the prices if not today
    FIRST_INVOICE = "first_invoice"  # a version of the terms, quantities, the payment method, the first month
    FORECAST = "forecast"  # a contract, the answer to what is asked for
    OPEN_DEBTS = "open_debts"  # a contract
    STAFF_ESTIMATE = "staff.estimate"  # as for the customer, and the day of the prices
    STAFF_FEE_CHANGE = "staff.fee_change"  # a request: rows with before and after
    STAFF_OPEN_DEBTS = "staff.open_debts"  # a contract
    STAFF_DOWNTIME = "staff.downtime"  # a contract
    STAFF_CONTRACT_MONEY = "staff.contract_money"  # a contract, who of the staff reads
    CUSTOMER_MONEY = "customer.money"  # an organisation, who of the staff reads
    CUSTOMER_INVOICES = "customer.invoices"  # the same
    CUSTOMER_LETTERS = "customer.letters"  # the same


@dataclass(frozen=True)
class Panel:
    """A template, and what it shows."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)

    def rendered(self) -> SafeString:
        return render_to_string(self.template, dict(self.context))


@dataclass(frozen=True)
class ProductPrice:
    """What one unit of a product costs, and whether that, or the product, is a sample."""

    panel: Panel
    sample: bool

    @property
    def text(self) -> SafeString:
        return self.panel.rendered()
