"""Sentences on what is charged: prices, usage, one-off amounts, runs, invoices."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.models import Adjustment, DepositLetter, RecordedOutage
from contracts.history.values import (
    COLUMNS,
    DAY,
    MOMENT,
    MONTH,
    PRODUCT,
    PROVIDER,
    SERVICE,
    YEN,
    YEN_IF_ANY,
)
from contracts.models import Claim
from portal.audit.telling import Choice, Each, Fact, Known, Many, Sentence, says

INVOICE = Known("billing.invoice", "number")

_PROVIDER = Fact(_("Provider"), "provider", PROVIDER)
_MONTH = Fact(_("Month"), "month", MONTH)
_MONTHS = Fact(pgettext_lazy("difference", "Months"), "months", Each(MONTH, YEN))
_REASON = Fact(_("Reason"), "reason")
_KIND = Choice(dict(Adjustment.Kind.choices))
_CREDIT = Fact(_("Became credit of the customer"), "credit", YEN_IF_ANY)
_GROSS = Fact(_("Total with tax"), "gross", YEN)


def _run(text: object, *facts: Fact) -> Sentence:
    return says(text, _PROVIDER, _MONTH, *facts)


PRICES: dict[str, Sentence] = {
    "price_list.published": says(
        _("The price list from %(effective_on)s on was published."),
        Fact(_("Service"), "service", SERVICE),
        Fact(_("Notice of the prices"), "notice", Known("contracts.notice")),
        Fact(_("What proves it"), "evidence"),
        Fact(_("Published late because"), "override_reason"),
        effective_on=DAY,
    ),
    "price_list.brought": says(
        _("The catalog brought a price list from %(effective_on)s on; it waits to be proposed."),
        Fact(_("Service"), "service", SERVICE),
        effective_on=DAY,
    ),
    "price_list.set_aside": says(
        _("The price list of the catalog from %(effective_on)s on was set aside."),
        Fact(_("Service"), "service", SERVICE),
        effective_on=DAY,
    ),
    "special_price.set": says(
        _("A special price was set: %(product)s at %(unit_price)s."),
        Fact(_("First day"), "starts_on", DAY),
        Fact(_("Last day"), "ends_on", DAY),
        _REASON,
        product=PRODUCT,
        unit_price=YEN,
    ),
    "special_price.ended": says(
        _("The special price of %(product)s was given an end."),
        Fact(_("Last day"), "ends_on", DAY),
        product=PRODUCT,
    ),
    "usage.imported": says(
        _("A file of usage was imported: %(file)s."),
        Fact(_("Taken"), "taken"),
        Fact(_("Known already"), "duplicates"),
        Fact(_("Not taken"), "refused"),
    ),
    "usage.withdrawn": says(
        _("%(count)s usage records were withdrawn."), Fact(_("References"), "references", Many()), _REASON
    ),
    "usage.import_undone": says(
        _("The import of the usage file %(file)s was undone."), Fact(_("usage records"), "count"), _REASON
    ),
    "usage.corrected": says(
        _("A refused line of usage was corrected and taken for the contract %(contract)s."),
        Fact(_("Line"), "row", COLUMNS),
        Fact(_("Corrected"), "corrected", COLUMNS),
    ),
    "usage.settled": says(
        _("A refused line of usage was settled."),
        Fact(_("How"), "settlement"),
        Fact(_("Line"), "row", COLUMNS),
    ),
}
AMOUNTS: dict[str, Sentence] = {
    "adjustment.decided": says(
        _("An amount was decided: %(kind)s, %(amount)s without tax."), _MONTH, kind=_KIND, amount=YEN
    ),
    "adjustment.credited": says(
        _("An amount became credit of the customer: %(kind)s, %(amount)s."), kind=_KIND, amount=YEN
    ),
    "adjustment.withdrawn": says(
        _("An amount was withdrawn: %(kind)s, %(amount)s."), _REASON, kind=_KIND, amount=YEN
    ),
    "claim.waived": says(
        _("A claim was waived: %(kind)s, %(net)s without tax."),
        _REASON,
        kind=Choice(dict(Claim.Kind.choices)),
        net=YEN,
    ),
    "contract.invoiced_elsewhere": says(
        _("What was used through %(through)s was invoiced elsewhere."), _REASON, through=DAY
    ),
    "difference.accepted": says(
        _("Differences of %(products)s are settled by the next billing: %(amount)s without tax."),
        _MONTHS,
        _REASON,
        products=Many(PRODUCT),
        amount=YEN,
    ),
    "difference.waived": says(
        _("Differences of %(products)s were waived: %(amount)s without tax."),
        _MONTHS,
        _REASON,
        products=Many(PRODUCT),
        amount=YEN,
    ),
    "outage.recorded": says(
        _("An outage was recorded."),
        Fact(_("Known to the provider at"), "known_at", MOMENT),
        Fact(_("Restored at"), "restored_at", MOMENT),
        Fact(_("Fault"), "fault", Choice(dict(RecordedOutage.Fault.choices))),
    ),
    "outage.withdrawn": says(
        _("The outage was withdrawn: %(outage)s."), _REASON, outage=Known("billing.recordedoutage")
    ),
    "outage.claimed": says(
        _("The customer claimed an outage."),
        Fact(_("Down since"), "begins_at", MOMENT),
        Fact(_("Down until"), "ends_at", MOMENT),
        Fact(_("Actual damage"), "damage", YEN_IF_ANY),
    ),
    "outage.claim_withdrawn": says(
        _("The claim for an outage was taken back: %(claim)s."), claim=Known("billing.outageclaim")
    ),
    "outage.claim_accepted": says(
        _("The claim for an outage was accepted: %(claim)s."), claim=Known("billing.outageclaim")
    ),
    "outage.claim_refused": says(
        _("The claim for an outage was refused: %(claim)s."), _REASON, claim=Known("billing.outageclaim")
    ),
    "deposit.asked": says(
        _("A deposit of %(amount)s was asked for."),
        Fact(_("Pay by"), "pay_by", DAY),
        Fact(_("Expected monthly fee"), "expected", YEN_IF_ANY),
        _REASON,
        amount=YEN,
    ),
    "deposit.received": says(
        _("The deposit of %(amount)s came in."), Fact(_("Reference"), "reference"), amount=YEN
    ),
    "deposit.used": says(
        _("%(amount)s of the deposit were set against invoice %(invoice)s."), amount=YEN, invoice=INVOICE
    ),
    "deposit.returned": says(_("%(amount)s of the deposit were paid back."), amount=YEN),
    "deposit.letter": says(
        _("A letter about the deposit was made: %(kind)s."), kind=Choice(dict(DepositLetter.Kind.choices))
    ),
    "deposit_mail.again": says(
        _("The e-mail about the deposit is sent again to %(address)s: %(kind)s."),
        kind=Choice(dict(DepositLetter.Kind.choices)),
    ),
}
RUNS: dict[str, Sentence] = {
    "billing_run.begun": _run(_("The billing of a month was begun.")),
    "billing_run.submitted": _run(
        _("The billing of a month was submitted for approval: %(count)s invoices."),
        _GROSS,
        Fact(_("Issue date"), "issued_on", DAY),
    ),
    "billing_run.approved": _run(_("The billing of a month was approved.")),
    "billing_run.sent_back": _run(_("The billing of a month was sent back."), Fact(_("Comment"), "comment")),
    "billing_run.glass_broken": _run(
        _("The billing of a month was begun on the server, without the approval of a second person."),
        Fact(_("Reason"), "reason"),
    ),
    "billing_run.changed": _run(
        _("Something changed since the preview: the billing of the month waits for approval again."),
        Fact(_("Contracts concerned"), "contracts"),
    ),
    "billing_run.cancelled": _run(_("The billing of a month was cancelled.")),
    "billing_run.started": _run(_("The invoices of a month began to be issued.")),
    "billing_run.finished": _run(_("The billing of a month was finished.")),
    "billing_run.reopened": _run(_("The billing of a month was opened again.")),
    "invoices.issued": says(
        _("%(count)s invoices were issued: %(first)s to %(last)s."), _GROSS, first=INVOICE, last=INVOICE
    ),
}
INVOICES: dict[str, Sentence] = {
    "invoice.cancelled": says(_("Invoice %(number)s was cancelled."), _REASON, _CREDIT, number=INVOICE),
    "invoice.reissued": says(
        _("Invoice %(number)s was issued instead of %(replaces)s."),
        _GROSS,
        Fact(_("Counts as paid from the earlier invoice"), "carried", YEN_IF_ANY),
        number=INVOICE,
        replaces=INVOICE,
    ),
    "return.issued": says(
        _("Return invoice %(number)s was issued for %(original)s."),
        _GROSS,
        _REASON,
        _CREDIT,
        number=INVOICE,
        original=INVOICE,
    ),
    "return.taken_over": says(
        _("Return invoice %(number)s was cancelled, as %(original)s was issued anew."),
        _GROSS,
        number=INVOICE,
        original=INVOICE,
    ),
    "invoice_mail.again": says(
        _("The e-mail of invoice %(number)s is sent again to %(address)s."), number=INVOICE
    ),
    "documents.exported": says(
        _("%(count)s documents were exported."),
        Fact(_("Issued from"), "from_day", DAY),
        Fact(_("Issued until"), "to_day", DAY),
    ),
}
