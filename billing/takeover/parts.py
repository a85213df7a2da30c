"""All that billing adds to the bringing in of running contracts."""

from django.utils.translation import gettext_lazy as _

from billing.takeover import annulling
from billing.takeover.first_invoices import first_invoices
from billing.takeover.money import bring_credits, bring_deposits, bring_mandates
from billing.takeover.open_items import bring_open_items
from billing.takeover.sheets import (
    CREDITS,
    DEPOSITS,
    INVOICED_THROUGH,
    MANDATES,
    OPEN_ITEMS,
    USAGE,
)
from billing.takeover.usage import bring_usage, note_elsewhere
from contracts.extensions.takeover import Part, TakeoverParts

SENTENCES = {
    "due_before_issue": _("%(day)s lies before the day of issue (%(issued)s)."),
    "nothing_open": _("Nothing is open of it; leave the line out."),
    "more_open_than_total": _("More is open than the document asks for."),
    "document_known": _("A document “%(written)s” is known already."),
    "no_amount": _("The amount must be at least 1 yen."),
    "one_deposit": _("A contract has one deposit."),
    "one_mandate": _("A contract names one account to debit."),
    "other_mandate": _(
        "The customer has named another account to debit. End that one first, or correct the line."
    ),
    "no_mandate": _("It is paid by direct debit, and no account to debit is named."),
    "invoiced_through_missing": _(
        "Charging began on %(day)s. Say up to which day the old system has invoiced; the portal goes on"
        " from there."
    ),
    "invoiced_before_charged": _("%(day)s lies before the start of charging (%(start)s)."),
}

TAKEOVER = TakeoverParts(
    parts=(
        Part(bring=note_elsewhere),
        Part(sheet=OPEN_ITEMS, bring=bring_open_items),
        Part(sheet=CREDITS, bring=bring_credits),
        Part(sheet=DEPOSITS, bring=bring_deposits),
        Part(sheet=MANDATES, bring=bring_mandates),
        Part(sheet=USAGE, bring=bring_usage),
    ),
    columns=(INVOICED_THROUGH,),
    sentences=SENTENCES,
    first_invoices=first_invoices,
    own=annulling.OWN,
    obstacles=annulling.obstacles,
    annul=annulling.annul,
)
