"""The keys of the steps that calculations take, and what each says.

Screens and documents have a sentence for each. The calculations take the calendar's own steps besides.
"""

STEP_KEYS: dict[str, str] = {
    "charge.line": "a product's amount: given held, included, quantity, unit_price",
    "proration.none": "the month is charged in full: the net amount",
    "tax.rate": "the tax rate of a day in percent",
    "tax.rounding.floor": "tax on the sum at one rate, cut off",
    "tax.rounding.ceiling": "tax on the sum at one rate, rounded up",
    "tax.rounding.half_up": "tax on the sum at one rate, rounded half up",
    "tax.outside": "amounts outside the tax: given their sum",
    "invoice.gross": "the total with tax: given net, tax",
    "due.month_end": "the end of the month that lies months_after the month charged",
    "due.day_of_month": "a day of the month that lies months_after the month charged",
    "due.debit_day": "the named direct debit day: given month, first and last day to choose from",
    "due.adjust.previous_business_day": "the due date moved back from a closed day",
    "due.adjust.next_business_day": "the due date moved on from a closed day",
    "interest.days": "days from the day after the due date to the day before payment",
    "interest.amount": "interest: given amount, percent_a_year, days, days_in_year, rounding",
    "unpaid.overdue": "the day from which an overdue amount is a ground: given due",
    "unpaid.months": "the day from which an amount unpaid for months is a ground: given due, months",
    "surcharge.net": "the surcharge without tax: given evaded_net, multiple",
    "surcharge.gross": "the surcharge with tax",
    "outage.fault": "whether a rule covers an outage by that fault",
    "outage.qualifies.in_a_row": "whether the outage lasted long enough in a row: given hours, minimum_hours",
    "outage.qualifies.within_a_month": "whether the hours within a month add up to enough",
    "outage.credit.days": "the credit: monthly_fee × shares (units of 24 hours ÷ days of their month)",
    "outage.credit.hours": "the credit: monthly_fee × units (hours) ÷ divisor (hours of a month)",
    "outage.credit.monthly_fee": "the credit is at most the monthly fee",
    "outage.cap": "the credit limited by what was paid in the 12 months before",
    "damages.one_month_fee": "the monthly fee that limits damages",
    "damages.average_months": "fees of whole months to average: given first_month, last_month, months",
    "damages.average_days": "fees since the start, to average by days and take times 30: given days",
    "damages.cap": "the limit in whole yen: given exact, rounding",
    "deposit.limit": "whether the fee for each ID is above the limit: given monthly_total, ids, above_per_id",
}
