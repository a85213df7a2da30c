"""Sentences on what comes in and goes out: bank entries, payments, debits, credit, reminders."""

from django.utils.translation import gettext_lazy as _

from billing.history.invoicing import INVOICE
from billing.models import AccountKind, DirectDebitLine, SetOffDeclaration
from contracts.history.values import COLUMNS, DAY, PROVIDER, YEN, YEN_IF_ANY
from contracts.models import Provider
from portal.audit.telling import Choice, Each, Fact, Known, Many, Sentence, says

ACCOUNT = Known("billing.bankaccount")
BY_INVOICE = Each(INVOICE, YEN)

_ORDERS = Choice(
    {
        "payer": _("As the payer says"),
        "chosen": _("As the provider named them"),
        **dict(Provider.PaymentOrder.choices),
    }
)

_REASON = Fact(_("Reason"), "reason")

_COUNT = Fact(_("How many"), "count")
_TOTAL = Fact(_("Total"), "total", YEN)
_ACCOUNT = Fact(_("Bank account"), "account", ACCOUNT)
_ACCOUNT_FIELDS = (
    Fact(_("Bank code"), "bank_code"),
    Fact(_("Bank"), "bank_name"),
    Fact(_("Branch code"), "branch_code"),
    Fact(_("Branch"), "branch_name"),
    Fact(_("Kind of account"), "account_kind", Choice(dict(AccountKind.choices))),
    Fact(_("Account number"), "account_number"),
    Fact(_("Account holder"), "holder"),
)

BANK: dict[str, Sentence] = {
    "bank_account.saved": says(
        _("A bank account of %(provider)s was saved."),
        *_ACCOUNT_FIELDS,
        Fact(_("Consignor code (debits)"), "consignor_code"),
        Fact(_("Consignor code (transfers)"), "transfer_code"),
        Fact(_("Columns of CSV files"), "csv_columns", COLUMNS),
        provider=PROVIDER,
    ),
    "debit_mandate.saved": says(
        _("The account that %(provider)s may debit was saved."), *_ACCOUNT_FIELDS, provider=PROVIDER
    ),
    "bank_file.imported": says(
        _("The bank file %(file)s was imported."),
        _ACCOUNT,
        Fact(_("New entries"), "new"),
        _TOTAL,
        Fact(_("Known already"), "known"),
        Fact(_("Outgoing"), "outgoing"),
        Fact(_("Rows left out"), "skipped"),
    ),
    "bank_entry.matched": says(
        _("The incoming %(amount)s were divided."),
        Fact(_("Invoices"), "parts", BY_INVOICE),
        Fact(_("Invoices met"), "order", _ORDERS),
        Fact(_("Became credit of the customer"), "credit", YEN_IF_ANY),
        amount=YEN,
    ),
    "bank_entry.parked": says(
        _("The incoming %(amount)s were set aside."), Fact(_("Note"), "note"), amount=YEN
    ),
    "bank_entry.released": says(_("The incoming %(amount)s were taken up again."), amount=YEN),
    "bank_entry.taken_back": says(
        _("The division of the incoming %(amount)s was taken back."),
        Fact(_("Invoices"), "payments", BY_INVOICE),
        _REASON,
        amount=YEN,
    ),
    "payment.recorded": says(
        _("A payment of %(amount)s was recorded."),
        Fact(_("Paid on"), "paid_on", DAY),
        Fact(_("Set against the invoice"), "paid", YEN),
        Fact(_("Became credit of the customer"), "credit", YEN_IF_ANY),
        Fact(_("Reference"), "reference"),
        amount=YEN,
    ),
    "direct_debit.requested": says(
        _("A file of direct debits for %(debit_on)s was made."), _ACCOUNT, _COUNT, _TOTAL, debit_on=DAY
    ),
    "direct_debit.results": says(
        _("The results of the direct debits of %(debit_on)s were taken in."),
        Fact(_("Done"), "done"),
        Fact(_("Not done"), "failed", Each(INVOICE, Choice(dict(DirectDebitLine.Result.choices)))),
        debit_on=DAY,
    ),
}
CREDIT: dict[str, Sentence] = {
    "statement_of_account.asked": says(
        _("A statement of account from %(from_day)s to %(to_day)s was asked for."), from_day=DAY, to_day=DAY
    ),
    "credit.set_off": says(
        _("%(amount)s of credit were set off."),
        Fact(_("Invoices"), "parts", BY_INVOICE),
        Fact(_("Left"), "left", YEN_IF_ANY),
        amount=YEN,
    ),
    "set_off.declared": says(
        _("The customer declared a set-off of %(amount)s against invoice %(invoice)s."),
        Fact(_("Own claim"), "claim"),
        amount=YEN,
        invoice=INVOICE,
    ),
    "set_off.declaration_answered": says(
        _("The declared set-off against invoice %(invoice)s was answered: %(state)s."),
        Fact(_("Reason"), "reason"),
        invoice=INVOICE,
        state=Choice(dict(SetOffDeclaration.State.choices)),
    ),
    "claims.passed": says(
        _("%(amount)s owed for the contract passed to the successor."),
        Fact(_("Invoices"), "invoices", Many(INVOICE)),
        Fact(_("Day of the succession"), "on", DAY),
        _REASON,
        amount=YEN,
    ),
    "claims.stayed": says(
        _("What was owed before the succession stays with the predecessor."),
        Fact(_("Invoices"), "invoices", Many(INVOICE)),
        _REASON,
    ),
    "credit.released": says(_("%(amount)s that was kept for invoices is free credit."), amount=YEN),
    "payout.decided": says(_("A payout of %(amount)s was decided."), amount=YEN),
    "payout.came_back": says(_("The payout of %(amount)s came back."), _REASON, amount=YEN),
    "payouts.requested": says(
        _("A file of transfers for %(pay_on)s was made."), _ACCOUNT, _COUNT, _TOTAL, pay_on=DAY
    ),
}
REMINDERS: dict[str, Sentence] = {
    "reminder.issued": says(
        _("Payment reminder no. %(step)s was issued: %(open_amount)s are open."),
        Fact(_("Invoices"), "invoices", Many(INVOICE)),
        open_amount=YEN,
    ),
}
