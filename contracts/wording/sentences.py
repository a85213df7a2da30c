"""A sentence for every step that a decision can take, and the words for its result.

Names in a sentence are those of the step's `given`; see `contracts.wording.explain`.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, pgettext_lazy

from contracts.wording.late import LATE
from contracts.wording.lifecycle_sentences import LIFECYCLE, LIFECYCLE_YES_NO, SINCE_WORDS

CALENDAR: dict[str, Any] = {
    "calendar.is_business_day": _("Is %(day)s a business day?"),
    "calendar.received_on": _("What was submitted at %(at)s counts as received on this day."),
    "calendar.count": ngettext_lazy(
        "%(days)s business day from %(start)s, which is not counted itself.",
        "%(days)s business days from %(start)s, which is not counted itself.",
        "days",
    ),
    "hours.open": _("Is %(at)s within the hours?"),
    "hours.next": _("The hours begin next then."),
    "calendar.last_moment": _(
        "What comes after business hours or on a closed day counts for the next business day. This is the"
        " last moment that counts for %(day)s or before."
    ),
    "calendar.business_days": _("Closed days are those of the %(calendar)s calendar."),
}
FORMATION: dict[str, Any] = {
    "formation.application": _("The contract is formed when the application is made."),
    "formation.acceptance": _("The contract is formed when the provider accepts the application."),
    "formation.acceptance_sent": _("The contract is formed when the acceptance mail is sent."),
    "formation.registration": _("The contract is formed on the date of registration."),
    "service_start.activation_notice": _("Service starts on the day that the activation notice states."),
    "service_start.first_of_wanted_month": _(
        "Service starts on the first day of the wanted month, at the earliest in the month of formation."
    ),
    "service_start.wanted_date": _(
        "Service starts on the wanted date, at the earliest on the day of formation (%(formed)s)."
    ),
    "service_start.formation_date": _("Service starts on the day of formation."),
    "billing_start.service_start": _("Charging starts with the service, on %(service_start)s."),
    "billing_start.first_of_start_month": _(
        "Charging starts on the first day of the month in which service starts (%(service_start)s)."
    ),
    "billing_start.first_of_next_month": _(
        "Charging starts on the first day of the month after service starts (%(service_start)s)."
    ),
}
DEADLINES: dict[str, Any] = {
    "deadline.months_before": ngettext_lazy(
        "The deadline lies %(amount)s month before %(anchor)s (%(anchor_kind)s).",
        "The deadline lies %(amount)s months before %(anchor)s (%(anchor_kind)s).",
        "amount",
    ),
    "deadline.days_before": ngettext_lazy(
        "The deadline lies %(amount)s day before %(anchor)s (%(anchor_kind)s).",
        "The deadline lies %(amount)s days before %(anchor)s (%(anchor_kind)s).",
        "amount",
    ),
    "deadline.business_days_before": ngettext_lazy(
        "The deadline lies %(amount)s business day before %(anchor)s (%(anchor_kind)s), not counted.",
        "The deadline lies %(amount)s business days before %(anchor)s (%(anchor_kind)s), not counted.",
        "amount",
    ),
    "deadline.on_anchor": _("The deadline is %(anchor)s itself (%(anchor_kind)s)."),
    "deadline.adjust.previous_business_day": _(
        "Where %(day)s is a closed day, the business day before it counts."
    ),
    "deadline.adjust.next_business_day": _("Where %(day)s is a closed day, the next business day counts."),
    "deadline.still_reached": _(
        "Counted forward from receipt, what arrives after %(deadline)s but by this day"
        " reaches %(wanted)s too."
    ),
}
ENDS_AND_CHANGES: dict[str, Any] = {
    "cancellation.received": _("The cancellation submitted at %(at)s counts as received on this day."),
    "cancellation.accepted": _("The contract ends."),
    "billed_through.end_of_month": _("The month of the end (%(ends)s) is charged in full."),
    "billed_through.end_date": _("Charging ends on the day of the end (%(ends)s)."),
    "billed_through.former.end_of_month": _(
        "The former number is charged to the end of the month in which it is held last (%(ends)s)."
    ),
    "billed_through.former.end_date": _("The former number is charged to its last day (%(ends)s)."),
    "billed_from.effective_date": _("Charging starts on the day on which the change takes effect."),
    "billed_from.first_of_month": _(
        "Charging starts on the first day of the month in which the change takes effect (%(effective)s)."
    ),
    "condition.keep_a_base_item": _("The last basic product can't be given up in this way (%(product)s)."),
    "condition.needs_base": _("The contract must contain a basic product."),
    "condition.not_retakable": _("What was given up once can't be taken again (%(product)s)."),
    "condition.user_ids_deleted": _("The user IDs must have been deleted first."),
    "condition.must_hold": _("The contract must contain the product (%(product)s)."),
}
TERMS: dict[str, Any] = {
    "governing.version": _("On %(on)s the version governs that took effect on %(effective)s."),
    "governing.article": _("Is %(article)s part of this version?"),
    "governing.transitional": _(
        "%(article)s applies to contracts made on or after %(contracts_from)s; this one was made on"
        " %(contracted)s."
    ),
    "renewal.renews": _("Without notice by %(deadline)s the term that ends on %(term_ends)s is renewed."),
    "renewal.ends": _("Notice was given by %(deadline)s: the term ends on %(term_ends)s."),
    "minimum_term.ends": ngettext_lazy(
        "The minimum term of %(months)s month starts on %(starts)s.",
        "The minimum term of %(months)s months starts on %(starts)s.",
        "months",
    ),
    "minimum_term.charge": ngettext_lazy(
        "With an end on %(ends)s, %(months)s month of the minimum term is left: %(monthly_fee)s each.",
        "With an end on %(ends)s, %(months)s months of the minimum term are left: %(monthly_fee)s each.",
        "months",
    ),
    "data_erasure.months": ngettext_lazy(
        "The data are erased within %(amount)s month after the end on %(ends)s.",
        "The data are erased within %(amount)s months after the end on %(ends)s.",
        "amount",
    ),
    "data_erasure.days": ngettext_lazy(
        "The data are erased within %(amount)s day after the end on %(ends)s.",
        "The data are erased within %(amount)s days after the end on %(ends)s.",
        "amount",
    ),
    "data_erasure.business_days": ngettext_lazy(
        "The data are erased within %(amount)s business day after the end on %(ends)s.",
        "The data are erased within %(amount)s business days after the end on %(ends)s.",
        "amount",
    ),
    "data_erasure.at_end": _("The data are erased on the day on which the contract ends."),
    "notice.dispatch": _("A notice by %(channel)s takes effect when it is sent (%(sent)s)."),
    "notice.arrival": _("A notice by %(channel)s takes effect when it arrives; it was sent at %(sent)s."),
    "notice.lead.months": ngettext_lazy(
        "The notice must have taken effect %(amount)s month before %(effective)s.",
        "The notice must have taken effect %(amount)s months before %(effective)s.",
        "amount",
    ),
    "notice.lead.days": ngettext_lazy(
        "The notice must have taken effect %(amount)s day before %(effective)s.",
        "The notice must have taken effect %(amount)s days before %(effective)s.",
        "amount",
    ),
    "notice.lead.business_days": ngettext_lazy(
        "The notice must have taken effect %(amount)s business day before %(effective)s.",
        "The notice must have taken effect %(amount)s business days before %(effective)s.",
        "amount",
    ),
    "notice.beforehand": _("The notice must have taken effect before %(effective)s."),
    "notice.afterwards": _("The notice may follow promptly after %(effective)s."),
    "notice.where_possible": _("The notice is given before %(effective)s where possible."),
    "notice.in_writing": _("The notice must be in writing; this one is given by %(channel)s."),
    "notice.compare": _("The notice counts for %(notice)s; the latest day is %(latest)s."),
    "notice.no_deadline": _("The notice counts for %(notice)s; the terms set no latest day."),
}
MONEY: dict[str, Any] = {
    "charge.line": _(
        "%(product)s: %(held)s are held, %(included)s of them come with other products;"
        " %(quantity)s × %(unit_price)s are charged."
    ),
    "charge.all_held": _("%(product)s: %(quantity)s × %(unit_price)s are charged."),
    "charge.special": _(
        "%(product)s: %(held)s are held, %(included)s of them come with other products;"
        " %(quantity)s × %(unit_price)s are charged, this contract's special price (list: %(list_price)s)."
    ),
    "charge.all_held_special": _(
        "%(product)s: %(quantity)s × %(unit_price)s are charged, this contract's special price"
        " (list: %(list_price)s)."
    ),
    "charge.later": _(
        "%(product)s in %(month)s: %(owed)s are owed by the facts known now, %(charged)s were charged so far."
    ),
    "charge.used": _("%(product)s used in %(month)s: %(quantity)s × %(unit_price)s."),
    "proration.none": _("The month (%(month)s) is charged in full; the net amount."),
    "tax.rate": _("The rate of consumption tax on %(day)s."),
    "tax.rounding.floor": _("Tax at %(percent)s %% on %(net)s, once for the sum; fractions are cut off."),
    "tax.rounding.ceiling": _("Tax at %(percent)s %% on %(net)s, once for the sum; fractions go up."),
    "tax.rounding.half_up": _("Tax at %(percent)s %% on %(net)s, once for the sum; rounded half up."),
    "tax.unregistered": _(
        "On %(day)s the provider had no registration number: for this amount the document is no qualified"
        " invoice."
    ),
    "tax.outside": _("No tax is added to %(net)s."),
    "tax.returned": _(
        "Tax at %(percent)s %%: what was left, %(before)s, is now %(after)s; the tax goes down by as much."
        " Of each, %(rounding)s."
    ),
    "return.line": _("%(name)s: %(amount)s of the original invoice is returned."),
    "return.gross": _("%(net)s and tax of %(tax)s are returned."),
    "invoice.gross": _("%(net)s and tax of %(tax)s."),
    "due.month_end": ngettext_lazy(
        "Charges of %(month)s are due at a month end, %(months_after)s month later.",
        "Charges of %(month)s are due at a month end, %(months_after)s months later.",
        "months_after",
    ),
    "due.same_month_end": _("Charges of %(month)s are due at the end of that month."),
    "due.day_of_month": ngettext_lazy(
        "Charges of %(month)s are due on a fixed day, %(months_after)s month later.",
        "Charges of %(month)s are due on a fixed day, %(months_after)s months later.",
        "months_after",
    ),
    "due.same_month_day": _("Charges of %(month)s are due on a fixed day of that month."),
    "due.debit_day": _("The direct debit day that the provider names, between %(first)s and %(last)s."),
    "due.adjust.previous_business_day": _(
        "Where %(day)s is a closed day, payment is due on the business day before it."
    ),
    "due.adjust.next_business_day": _(
        "Where %(day)s is a closed day, payment is due on the next business day."
    ),
    "issue.by_day": ngettext_lazy(
        "Invoices of %(month)s are issued by day %(day)s, %(months_after)s month later.",
        "Invoices of %(month)s are issued by day %(day)s, %(months_after)s months later.",
        "months_after",
    ),
    "issue.same_month_day": _("Invoices of %(month)s are issued by day %(day)s of that month."),
    "interest.days": _("Days from after the due date (%(due)s) to the day before payment (%(paid)s)."),
    "interest.amount": ngettext_lazy(
        "%(amount)s × %(percent_a_year)s %% × %(days)s day ÷ %(days_in_year)s days; %(rounding)s.",
        "%(amount)s × %(percent_a_year)s %% × %(days)s days ÷ %(days_in_year)s days; %(rounding)s.",
        "days",
    ),
    "unpaid.overdue": _("Due on %(due)s and unpaid: a ground from this day on."),
    "unpaid.months": ngettext_lazy(
        "Unpaid for %(months)s month from the day after the due date (%(due)s): a ground from this day on.",
        "Unpaid for %(months)s months from the day after the due date (%(due)s): a ground from this day on.",
        "months",
    ),
    "surcharge.evaded": _("The fee itself that was evaded, without tax."),
    "surcharge.net": _("The surcharge: %(multiple)s times the evaded amount of %(evaded_net)s."),
    "surcharge.gross": _("The surcharge of %(net)s and tax of %(tax)s."),
    "costs.borne": _("The customer bears these costs: %(cost)s."),
    "costs.taxed": _("Consumption tax comes on top."),
    "costs.untaxed": _("They make good a damage, and carry no consumption tax."),
    "outage.fault": _("Does this rule cover an outage by this fault (%(fault)s)?"),
    "outage.qualifies.in_a_row": _(
        "From %(known)s to %(restored)s the service was down for %(hours)s hours in a row;"
        " %(minimum_hours)s hours are needed."
    ),
    "outage.qualifies.within_a_month": _(
        "Between %(known)s and %(restored)s the service was down for %(hours)s hours in the month;"
        " %(minimum_hours)s hours are needed."
    ),
    "outage.credit.days": _(
        "Monthly fee %(monthly_fee)s × %(shares)s (units of 24 hours ÷ days of their month); %(rounding)s."
    ),
    "outage.credit.by_months": _(
        "Monthly fees × units of 24 hours ÷ days of their months: %(parts)s; %(rounding)s."
    ),
    "outage.credit.hours": _(
        "Monthly fee %(monthly_fee)s × %(units)s (whole hours) ÷ %(divisor)s hours; %(rounding)s."
    ),
    "outage.credit.monthly_fee": _("Damages up to the monthly fee of %(monthly_fee)s."),
    "outage.cap": _("At most what was paid in the 12 months before: %(paid_last_12_months)s."),
    "damages.ground": _("The terms owe damages on this ground."),
    "outage.corrected": _(
        "By the facts known now %(owed)s fall away for outages, %(credited)s were credited so far."
    ),
    "damages.one_month_fee": _("The fee of one month (%(month)s)."),
    "damages.average_months": ngettext_lazy(
        "The fees of %(months)s whole month (%(first_month)s to %(last_month)s), to be averaged.",
        "The fees of %(months)s whole months (%(first_month)s to %(last_month)s), to be averaged.",
        "months",
    ),
    "damages.average_days": ngettext_lazy(
        "The fees of %(days)s day since the start on %(started)s, averaged by days and taken times 30.",
        "The fees of %(days)s days since the start on %(started)s, averaged by days and taken times 30.",
        "days",
    ),
    "damages.no_limit": _("No limit holds for this fault (%(fault)s)."),
    "damages.amount": _("The damage of %(damage)s, up to the limit of %(cap)s."),
    "damages.service": _("A month of service is given free instead of money: the fee of %(month)s."),
    "damages.cap": _("The limit of damages: %(exact)s yen in whole yen; %(rounding)s."),
    "deposit.limit": _(
        "Monthly fees of %(monthly_total)s for %(ids)s IDs; above %(above_per_id)s each, a deposit."
    ),
    "deposit.expected": _(
        "Expected are monthly fees of %(monthly_total)s for %(ids)s IDs; above %(above_per_id)s each, a"
        " deposit."
    ),
}
SENTENCES: dict[str, Any] = {
    **CALENDAR,
    **FORMATION,
    **DEADLINES,
    **LATE,
    **ENDS_AND_CHANGES,
    **TERMS,
    **LIFECYCLE,
    **MONEY,
}

WITHOUT_DISTANCE: dict[str, tuple[str, str]] = {
    "deadline.months_before": ("amount", "deadline.on_anchor"),
    "deadline.days_before": ("amount", "deadline.on_anchor"),
    "deadline.business_days_before": ("amount", "deadline.on_anchor"),
    "data_erasure.months": ("amount", "data_erasure.at_end"),
    "data_erasure.days": ("amount", "data_erasure.at_end"),
    "data_erasure.business_days": ("amount", "data_erasure.at_end"),
    "charge.line": ("included", "charge.all_held"),
    "charge.special": ("included", "charge.all_held_special"),
    "due.month_end": ("months_after", "due.same_month_end"),
    "due.day_of_month": ("months_after", "due.same_month_day"),
    "issue.by_day": ("months_after", "issue.same_month_day"),
    "notice.compare": ("latest", "notice.no_deadline"),
}
"""For steps that count a distance, or know a day: the value that may be 0 or none, and the sentence then."""

YES_NO: dict[str, tuple[Any, Any]] = {
    **LIFECYCLE_YES_NO,
    "deadline.compare": (_("in time"), _("too late")),
    "notice.compare": (_("in time"), _("too late")),
    "calendar.is_business_day": (_("a business day"), _("a closed day")),
    "hours.open": (_("within the hours"), _("outside the hours")),
    "governing": (_("applies"), _("does not apply")),
    "condition": (_("met"), _("not met")),
    "notice.in_writing": (_("in writing"), _("not in writing")),
    "outage.fault": (_("covered"), _("not covered")),
    "outage.qualifies": (_("long enough"), _("not long enough")),
    "deposit.limit": (_("may be asked"), _("may not be asked")),
    "deposit.expected": (_("may be asked"), _("may not be asked")),
}
"""Words for a result that is true or false, by the key or its beginning."""

WORDS: dict[str, dict[str, Any]] = {
    "anchor_kind": {
        "wanted_date": _("the wanted date"),
        "wanted_month_end": _("the end of the wanted month"),
        "end_of_month_before": _("the end of the month before the wanted month"),
        "term_end": _("the end of the term"),
        "planned_date": _("the planned date"),
        "arrival": _("arrival"),
    },
    "since_kind": SINCE_WORDS,
    "channel": {
        "email": _("e-mail"),
        "site": _("publication on the site"),
        "letter": _("letter"),
    },
    "calendar": {
        "company": pgettext_lazy("calendar", "company"),
        "bank": pgettext_lazy("calendar", "bank"),
    },
    "rounding": {
        "floor": _("fractions are cut off"),
        "ceiling": _("fractions are rounded up"),
        "half_up": _("rounded half up"),
    },
    "fault": {
        "ordinary": _("not the customer's"),
        "gross": _("the provider's intent or gross negligence"),
        "customer": _("the customer's"),
        "external": _("outside the service"),
    },
}
"""Words for values that are keys, by the name of the value."""

YEN_GIVEN = frozenset(
    {
        "monthly_fee",
        "list_price",
        "unit_price",
        "tax.returned:before",
        "tax.returned:after",
        "return.line:amount",
        "charge.later:owed",
        "charge.later:charged",
        "outage.corrected:owed",
        "outage.corrected:credited",
        "net",
        "tax",
        "evaded_net",
        "monthly_total",
        "above_per_id",
        "paid_last_12_months",
        "interest.amount:amount",
    }
)
"""Names of given values that are yen; where the name alone does not tell, with the step's key before it."""

YEN_RESULTS = (
    "device_return.penalty",
    "withdrawal.entered",
    "minimum_term.charge",
    "charge.line",
    "charge.later",
    "proration",
    "tax.rounding",
    "tax.unregistered",
    "tax.outside",
    "invoice.gross",
    "tax.returned",
    "return",
    "interest.amount",
    "surcharge",
    "costs.borne",
    "outage.credit",
    "outage.cap",
    "outage.corrected",
    "damages",
)
"""Keys, or their beginnings, of steps that result in yen."""

PERCENT_RESULTS = ("tax.rate",)
"""Keys of steps that result in a percentage."""
