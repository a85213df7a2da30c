"""The parts of a policy, its rules and their values, as screens name them."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contracts.sentences import WORDS

PARTS: dict[str, Any] = {
    "calendars.*": _("Calendar of business days (%(name)s)"),
    "products.*": _("Product “%(name)s”"),
    "application": _("Application"),
    "application.fields.*": _("Particular “%(name)s” of an application"),
    "refusal_reasons.*": _("Reason for refusing an application"),
    "formation": _("Formation of the contract"),
    "formation.service_start": _("Start of service"),
    "formation.billing_start": _("Start of charging"),
    "cancellation": _("Cancellation"),
    "cancellation.billed_through": _("Cancellation"),
    "changes.*": "%(name)s",
    "changes.*.billed_from": "%(name)s",
    "changes.*.billed_through": "%(name)s",
    "changes.*.conditions.*": _("%(name)s, condition “%(condition)s”"),
    "consent_renewal": _("Consent to a new version"),
    "consent_renewal.refusal": _("Consent to a new version"),
    "renewal": _("Renewal"),
    "minimum_term": _("Minimum term"),
    "data_erasure": _("Erasure of data"),
    "notices": _("Notices"),
    "notices.channels.*": _("Notice by %(name)s"),
    "notices.purposes.*": _("Notice: %(name)s"),
    "transitional.*": _("Transitional provision"),
    "suspension": _("Suspension"),
    "suspension.reasons.*": _("Reason for suspension"),
    "charging": _("Charges"),
    "charging.proration": _("Part of a month"),
    "charging.tax": _("Consumption tax"),
    "charging.due.*.*": "%(name)s",
    "charging.late_interest": _("Late interest"),
    "charging.surcharge": _("Surcharge for evaded fees"),
    "charging.outages.*": _("Outage (fault: %(name)s)"),
    "charging.damages_cap": _("Limit of damages"),
    "charging.deposit": _("Deposit"),
    "charging.during_suspension": _("Fees while the service is stopped"),
    "charging.underpayment": _("Payment of less than was invoiced"),
    "charging.set_off": _("Set-off"),
    "charging.unpaid_grounds.*": _("Consequence of unpaid fees"),
    "disclosures": _("What is shown to customers"),
}
"""Rules by their path, as policies have them; `*` stands for a key. The longest one that fits is taken."""

ASPECTS: dict[str, Any] = {
    "weekend": _("days closed every week"),
    "national_holidays": _("closed on national holidays"),
    "closed_every_year": _("days closed every year"),
    "entered_closures": _("closures entered by staff count"),
    "hours": _("business hours"),
    "name": _("name"),
    "kind": pgettext_lazy("of a product", "kind"),
    "unit": _("unit"),
    "includes": _("units of others included"),
    "covers": _("units of others covered"),
    "orderable": _("can be ordered"),
    "minimum": _("lowest quantity"),
    "maximum": _("highest quantity"),
    "required": _("required"),
    "payment_methods": _("methods of payment"),
    "text": pgettext_lazy("of a rule", "content"),
    "formed_by": _("moment"),
    "rule": pgettext_lazy("of a policy", "rule"),
    "service_start.rule": _("date"),
    "billing_start.rule": _("date"),
    "ends": _("possible ends"),
    "deadline": _("deadline for requests"),
    "late": _("requests after the deadline"),
    "billed_through.rule": _("end of charging"),
    "billed_from.rule": _("start of charging"),
    "effective": _("moment of effect"),
    "notice_completes": _("usable from a notice of completion"),
    "proof_required": _("proof required"),
    "first_term_months": _("first term"),
    "starts": _("start"),
    "months": _("length"),
    "notice": _("deadline for notice"),
    "within": pgettext_lazy("of a rule", "time limit"),
    "calendar": _("calendar"),
    "lead": _("time before the effective date"),
    "timing": _("when it is given"),
    "in_writing": _("in writing"),
    "articles": _("articles"),
    "contracts_from": _("contracts from"),
    "max_months": _("longest duration"),
    "rounding": _("fractions"),
    "rate_day": _("day whose rate counts"),
    "inclusive_shown": _("amounts with tax shown"),
    "percent_a_year": _("rate a year"),
    "days_in_year": _("days of a year"),
    "multiple": _("multiple of the fee"),
    "minimum_hours": _("shortest duration"),
    "count": _("how hours are counted"),
    "credit": _("credit"),
    "grace_hours": _("hours not counted"),
    "hours_in_month": _("hours of a month"),
    "capped_by_paid_12_months": _("limited to what was paid in 12 months"),
    "claim_within_months": _("time for a claim"),
    "above_per_id": _("monthly fee per ID above which it is asked"),
    "charged": _("charged"),
    "leads_to": _("consequence"),
    "after_months": _("after"),
    "due": _("due date"),
    "on_invoices": _("printed on invoices"),
}
"""What a rule says, by the last of its path, or the last two where one does not tell enough."""

CHANGE_KINDS: dict[str, Any] = {
    "add_item": _("Additional product"),
    "add_option": _("Additional option"),
    "drop_item": _("Cancellation of a product"),
    "drop_option": _("Cancellation of an option"),
    "quantity_up": _("More of a product"),
    "quantity_down": _("Less of a product"),
    "particulars": _("Change of particulars"),
    "name": _("Change of name"),
}
CONDITIONS: dict[str, Any] = {
    "keep_a_base_item": _("the last basic product stays"),
    "needs_base": _("there is a basic product"),
    "not_retakable": _("it was not given up before"),
    "user_ids_deleted": _("the user IDs are deleted"),
    "must_hold": _("it is held"),
}
PURPOSES: dict[str, Any] = {
    "terms_change": _("Change of terms"),
    "price_change": _("Change of prices"),
    "service_end": _("End of the service"),
    "option_end": _("End of an option"),
    "maintenance": _("Maintenance"),
    "facility_stop": _("Stop for works on facilities"),
    "emergency_maintenance": _("Emergency maintenance"),
}
CHARGES: dict[str, Any] = {
    "usage": _("Usage fees"),
    "calls": _("Call charges"),
    "initial": _("Initial cost"),
}
PAYMENT_METHODS: dict[str, Any] = {"transfer": _("bank transfer"), "debit": _("direct debit")}

VALUES: dict[str, dict[str, Any]] = {
    "weekend": {
        "monday": _("Monday"),
        "tuesday": _("Tuesday"),
        "wednesday": _("Wednesday"),
        "thursday": _("Thursday"),
        "friday": _("Friday"),
        "saturday": _("Saturday"),
        "sunday": _("Sunday"),
    },
    "kind": {
        "base": _("basic product"),
        "option": _("option"),
        "extra": _("extra"),
        "one_time": _("one-time product"),
        "usage": _("charged by use"),
    },
    "payment_methods": PAYMENT_METHODS,
    "formed_by": {
        "application": _("when the application is made"),
        "acceptance": _("when the provider accepts"),
        "acceptance_sent": _("when the acceptance mail is sent"),
        "registration": _("on the date of registration"),
    },
    "service_start.rule": {
        "activation_notice": _("the day that the activation notice states"),
        "first_of_wanted_month": _("the first day of the wanted month"),
        "wanted_date": _("the wanted date"),
        "formation_date": _("the day of formation"),
    },
    "billing_start.rule": {
        "service_start": _("the day on which service starts"),
        "first_of_start_month": _("the first day of the month in which service starts"),
        "first_of_next_month": _("the first day of the month after service starts"),
    },
    "ends": {"month_end": _("month ends"), "any_day": _("any day")},
    "late": {
        "refuse": _("are refused"),
        "move": _("count for the next possible date"),
        "deem": _("count for the date that the terms deem to be wanted"),
    },
    "billed_through.rule": {
        "end_of_month": _("the end of the month of the end"),
        "end_date": _("the day of the end"),
    },
    "billed_from.rule": {
        "effective_date": _("the day of effect"),
        "first_of_month": _("the first day of the month of effect"),
    },
    "effective": {
        "wanted_date": _("on the wanted date"),
        "month_end": _("with the end of the wanted month"),
        "dispatch": _("when it is sent"),
        "arrival": _("when it arrives"),
    },
    "consent_renewal.rule": {
        "asked": _("each customer is asked"),
        "deemed_by_use": _("by going on with the use"),
        "deemed_by_notice": _("by being told"),
    },
    "starts": {
        "service_start": _("the day on which service starts"),
        "first_of_start_month": _("the first day of the month in which service starts"),
        "first_of_next_month": _("the first day of the month after service starts"),
    },
    "calendar": WORDS["calendar"],
    "timing": {
        "lead": _("a fixed time before"),
        "beforehand": _("beforehand"),
        "afterwards": _("promptly afterwards"),
        "where_possible": _("beforehand where possible"),
    },
    "rounding": WORDS["rounding"],
    "rate_day": {"closing_date": _("the closing date of the month")},
    "count": {"in_a_row": _("in a row"), "within_a_month": _("added up within a month")},
    "credit": {
        "days": _("by whole days"),
        "hours": _("by whole hours"),
        "monthly_fee": _("up to one monthly fee"),
    },
    "proration.rule": {"none": _("whole months are charged")},
    "damages_cap.rule": {
        "one_month_fee": _("one monthly fee"),
        "average_of_12_months": _("the average monthly fee of the last 12 months"),
    },
    "underpayment.rule": {
        "not_paid": _("counts as not paid"),
        "partial": _("counts as a payment in part"),
    },
    "leads_to": {"suspension": _("suspension"), "termination": _("termination")},
}
"""Words for the values that are keys, by their aspect."""

MONTHS = frozenset({"months", "first_term_months", "max_months", "claim_within_months", "after_months"})
HOURS = frozenset({"minimum_hours", "grace_hours", "hours_in_month"})
"""Aspects whose numbers are months, or hours."""
