"""All that billing says of its entries in the audit trail."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.history import invoicing, money
from billing.models import Adjustment, Invoice
from contracts.wording.formats import day_text, moment_text, month_text, yen_text
from portal.audit.books import Book, Chapter
from portal.audit.names import Named
from portal.audit.stories import NONE, Parts, ToldAt

_AT_CONTRACT = ("contracts.contract", "contract_id")
_DEPOSIT = tuple(action for action in invoicing.AMOUNTS if action.startswith("deposit"))


@dataclass(frozen=True)
class IssuedWith:
    """The entry about the invoices that were issued together; it names the first and the last of them."""

    def found(self, of: Invoice) -> Q:
        if of.run_id is None:
            return NONE
        return Q(
            object_type="billing.billingrun",
            object_id=str(of.run_id),
            action="invoices.issued",
            data__first__lte=of.number,
            data__last__gte=of.number,
        )


def _sum(adjustment: Adjustment) -> str:
    return f"{adjustment.contract} {adjustment.get_kind_display()} {yen_text(adjustment.amount)}"


BOOK = Book(
    app="billing",
    chapters=(
        Chapter("prices", _("Prices and usage"), invoicing.PRICES),
        Chapter("amounts", _("Charges, credits and deposits"), invoicing.AMOUNTS),
        Chapter("runs", _("Billing runs"), invoicing.RUNS),
        Chapter("invoices", _("Invoices"), invoicing.INVOICES),
        Chapter("bank", _("Bank and payments"), money.BANK),
        Chapter("credit", _("Credit and payouts"), money.CREDIT),
        Chapter("payment_reminders", _("Payment reminders"), money.REMINDERS),
    ),
    names={
        "billing.adjustment": Named(_sum, ("contract",)),
        "billing.banktransaction": Named(
            lambda entry: f"{day_text(entry.booked_on)} {entry.payer} {yen_text(entry.amount)}"
        ),
        "billing.billingrun": Named(
            lambda run: f"{run.provider.code} {month_text(run.billed_month)}", ("provider",)
        ),
        "billing.creditbalance": Named(
            lambda balance: f"{balance.organisation} – {balance.provider.code}", ("organisation", "provider")
        ),
        "billing.debitmandate": Named(joined=("organisation",)),
        "billing.directdebitbatch": Named(
            lambda batch: f"{day_text(batch.debit_on)} {batch.account}", ("account",)
        ),
        "billing.payoutbatch": Named(lambda batch: f"{day_text(batch.pay_on)} {batch.account}", ("account",)),
        "billing.pricelistversion": Named(
            lambda prices: f"{prices.service} {day_text(prices.effective_on)}", ("service",)
        ),
        "billing.broughtpricelist": Named(
            lambda prices: f"{prices.service} {day_text(prices.effective_on)}", ("service",)
        ),
        "billing.outageclaim": Named(
            lambda claim: f"{claim.contract} {moment_text(claim.begins_at)}", ("contract",)
        ),
        "billing.recordedoutage": Named(
            lambda outage: f"{outage.contract} {moment_text(outage.known_at)}", ("contract",)
        ),
        "billing.refusedusage": Named(joined=("imported",)),
        "billing.reminder": Named(
            lambda letter: f"{day_text(letter.issued_on)} {letter.organisation}", ("organisation",)
        ),
        "billing.setoffdeclaration": Named(
            lambda declared: f"{declared.invoice} {yen_text(declared.amount)}", ("invoice",)
        ),
        "billing.setoff": Named(
            lambda letter: f"{day_text(letter.issued_on)} {letter.organisation}", ("organisation",)
        ),
        "billing.usageimport": Named(lambda imported: imported.file_name),
    },
    strands={
        "billing.adjustment": (
            ToldAt(
                *_AT_CONTRACT,
                "adjustment",
                actions=("adjustment.decided", "adjustment.withdrawn", "adjustment.credited"),
                like=(("kind", "kind"),),
            ),
        ),
        "billing.bankaccount": (
            Parts("billing.bankimport", "account"),
            Parts("billing.directdebitbatch", "account"),
            Parts("billing.payoutbatch", "account"),
        ),
        "billing.bankimport": (Parts("billing.banktransaction", "bank_import"),),
        "billing.deposit": (ToldAt(*_AT_CONTRACT, "deposit", actions=_DEPOSIT),),
        "billing.depositmail": (
            ToldAt(
                "contracts.contract",
                "letter.deposit.contract_id",
                "deposit",
                "letter.deposit_id",
                actions=_DEPOSIT,
            ),
        ),
        "billing.invoice": (
            IssuedWith(),
            Parts("billing.invoice", "original"),
            Parts("billing.invoice", "replaces"),
            Parts("billing.banktransaction", "payments__invoice"),
            Parts("billing.reminder", "lines__invoice"),
            Parts("billing.setoff", "payments__invoice"),
            Parts("billing.directdebitbatch", "lines__invoice"),
            ToldAt(*_AT_CONTRACT, "invoice", "number"),
        ),
        "billing.invoicemail": (Parts("billing.invoice", "mail"),),
        "billing.outageclaim": (
            ToldAt(
                *_AT_CONTRACT,
                "claim",
                actions=(
                    "outage.claimed",
                    "outage.claim_withdrawn",
                    "outage.claim_accepted",
                    "outage.claim_refused",
                ),
            ),
        ),
        "billing.payment": (
            Parts("billing.invoice", "payments"),
            Parts("billing.banktransaction", "payments"),
        ),
        "billing.payout": (
            ToldAt("billing.creditbalance", "balance_id", "payout"),
            Parts("billing.payoutbatch", "payouts"),
        ),
        "billing.recordedoutage": (
            ToldAt(*_AT_CONTRACT, "outage", actions=("outage.recorded",), like=(("fault", "fault"),)),
        ),
        "billing.refusedusage": (Parts("billing.usageimport", "refused_rows"),),
        "billing.specialprice": (
            ToldAt(
                *_AT_CONTRACT,
                "special_price",
                actions=("special_price.set", "special_price.ended"),
                like=(("product", "product"),),
            ),
        ),
        "billing.usageimport": (Parts("billing.refusedusage", "imported"),),
        "billing.usagerecord": (Parts("billing.usageimport", "records"),),
        "contracts.contract": (Parts("billing.invoice", "contract"),),
        "contracts.provider": (
            Parts("billing.bankaccount", "provider"),
            Parts("billing.billingrun", "provider"),
        ),
        "contracts.service": (Parts("billing.pricelistversion", "service"),),
    },
    numbers={"billing.invoice": "number"},
)
