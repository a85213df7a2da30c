"""All that billing adds to contracts, which know nothing of it."""

from billing.differences.marks import fact_changed, facts_of_service_changed
from billing.inbox.sources import SOURCES
from billing.inbox.subjects import INVOICES
from billing.invoicing.plain_drawings import recent_trouble
from billing.panels.contract_money import contract_money
from billing.panels.customers import customer_invoices, customer_letters, customer_money
from billing.panels.decisions import fee_change
from billing.panels.downtime import downtime
from billing.panels.first_invoices import first_invoice
from billing.panels.forecasts import cost_forecast, fees_ahead
from billing.panels.invoices import (
    contract_fees,
    contract_invoices,
    open_debts,
    open_debts_for_staff,
    overdue_marks,
    to_pay,
)
from billing.panels.prices import price_estimate, price_estimate_for_staff, price_table, product_prices
from billing.panels.standing import debts_of
from billing.pricing.fees import fee_as_held, fees_as_held, prices_as_held
from billing.pricing.impact import measures
from billing.pricing.once import is_paid_once, price_when_made
from billing.pricing.sellers import is_priced, unsettled
from billing.receivables.due_at_once import debts_due, due_at_once_on
from billing.receivables.grounds import is_deposit_late, is_overdue, is_underpaid
from billing.receivables.passed_on import pass_claims
from billing.statements.drawing import undrawn_trouble
from billing.takeover.parts import TAKEOVER
from contracts.extensions.panels import Slot
from contracts.extensions.registered import Extension

BILLING = Extension(
    monthly_fee=fee_as_held,
    monthly_fees=fees_as_held,
    held_prices=prices_as_held,
    costs_ahead=fees_ahead,
    debts=debts_of,
    product_prices=product_prices,
    marks=overdue_marks,
    measures=measures,
    panels={
        Slot.CONTRACT_MONEY: contract_invoices,
        Slot.CONTRACT_FEES: contract_fees,
        Slot.TO_PAY: to_pay,
        Slot.SERVICE_PRICES: price_table,
        Slot.ESTIMATE: price_estimate,
        Slot.FIRST_INVOICE: first_invoice,
        Slot.FORECAST: cost_forecast,
        Slot.OPEN_DEBTS: open_debts,
        Slot.STAFF_ESTIMATE: price_estimate_for_staff,
        Slot.STAFF_FEE_CHANGE: fee_change,
        Slot.STAFF_OPEN_DEBTS: open_debts_for_staff,
        Slot.STAFF_DOWNTIME: downtime,
        Slot.STAFF_CONTRACT_MONEY: contract_money,
        Slot.CUSTOMER_MONEY: customer_money,
        Slot.CUSTOMER_INVOICES: customer_invoices,
        Slot.CUSTOMER_LETTERS: customer_letters,
    },
    facts={"overdue": is_overdue, "underpaid": is_underpaid, "deposit_late": is_deposit_late},
    sources=SOURCES,
    troubles=(recent_trouble, undrawn_trouble),
    facts_changed=fact_changed,
    rules_changed=facts_of_service_changed,
    passed_on=pass_claims,
    debts_due=debts_due,
    debts_due_on=due_at_once_on,
    unsettled=unsettled,
    is_priced=is_priced,
    is_paid_once=is_paid_once,
    price_when_made=price_when_made,
    takeover=TAKEOVER,
    subjects=(INVOICES,),
)
