"""What customers owe, paid and are owed."""

from django.db.models import Model, Q

from billing.models import Invoice, StatementOfAccount
from portal.data_protection.registry.holdings import Apart, File, Holding, by
from portal.organisations.models import Organisation


def _of_the_contract(of: Organisation) -> Q:
    return Q(contract__organisation=of)


def _seen(of: Organisation) -> Q:
    """The invoices that the organisation's own pages show."""
    return Q(pk__in=Invoice.objects.seen_by(of).values("pk"))


def _paid(of: Organisation) -> Q:
    return Q(debtor=of) | Q(debtor__isnull=True, invoice__organisation=of)


def _invoice(invoice: Invoice) -> str:
    return f"{invoice.number}.pdf"


def _statement(statement: StatementOfAccount) -> str:
    return f"{statement.from_day:%Y%m%d}-{statement.to_day:%Y%m%d}-{statement.pk}.pdf"


def _letter(letter: Model) -> str:
    return f"{letter.pk}.pdf"


_ACCOUNT = "bank_code bank_name branch_code branch_name account_kind account_number holder"

HOLDINGS = (
    Holding(
        model="billing.invoice",
        kind="books",
        of_organisation=_seen,
        shown="number kind contract recipient_name month issued_on due_on net tax gross original replaces"
        " cancelled_on cancel_reason paid returned open_amount",
        files=(File("pdf", "pdf_hash", _invoice),),
        inner="provider fiscal_year sequence run organisation debtor document document_hash added"
        " added_due_on due_at_once_on open_due_on",
    ),
    Holding(
        model="billing.passedclaim",
        kind="books",
        of_organisation=by("from_organisation", "to_organisation"),
        shown="invoice from_organisation to_organisation amount recorded_at",
        inner="party",
    ),
    Holding(
        model="billing.payment",
        kind="books",
        of_organisation=_paid,
        shown="invoice paid_on amount kind reference recorded_at takes_back continues",
        inner="transaction debtor",
    ),
    Holding(
        model="billing.creditbalance",
        kind="books",
        of_organisation=by("organisation"),
        shown="provider amount",
        inner="organisation",
    ),
    Holding(
        model="billing.creditentry",
        kind="books",
        of_organisation=by("balance__organisation"),
        shown="on amount kind reference claim recorded_at",
        inner="balance transaction",
    ),
    Holding(
        model="billing.banktransaction",
        kind="books",
        of_organisation=by("payments__debtor", "credit_entries__balance__organisation"),
        shown="booked_on value_on amount payer reference remark",
        inner="account bank_import line fingerprint status allocated note",
    ),
    Holding(
        model="billing.payername",
        kind="books",
        of_organisation=by("organisation"),
        shown="name",
        inner="organisation",
    ),
    Holding(
        model="billing.payout",
        kind="books",
        of_organisation=by("balance__organisation"),
        shown=f"amount decided_at returned_on return_reason {_ACCOUNT}",
        staff="decided_by",
        inner="balance entry batch",
    ),
    Holding(
        model="billing.debitmandate",
        kind="books",
        of_organisation=by("organisation"),
        shown=f"provider customer_number ended_on {_ACCOUNT}",
        inner="organisation used",
    ),
    Holding(
        model="billing.directdebitline",
        kind="books",
        of_organisation=by("mandate__organisation"),
        shown="batch invoice amount result",
        inner="sequence mandate",
    ),
    Holding(
        model="billing.adjustment",
        kind="books",
        of_organisation=_of_the_contract,
        shown="contract kind names month amount tax articles due_on decided_at invoice withdrawn_at",
        staff="decided_by",
        inner="terms_version decision once_key origin claim credit_entry",
        withheld="reason withdrawal_reason",
    ),
    Holding(
        model="billing.specialprice",
        kind="books",
        of_organisation=_of_the_contract,
        shown="contract product unit_price starts_on ends_on set_at",
        staff="set_by",
        withheld="reason",
    ),
    Holding(
        model="billing.usagerecord",
        kind="books",
        of_organisation=_of_the_contract,
        shown="contract product month quantity occurred_on reference invoice withdrawn_at",
        inner="imported undone",
        withheld="withdrawal_reason",
    ),
    Holding(
        model="billing.recordedoutage",
        kind="books",
        of_organisation=_of_the_contract,
        shown="contract known_at restored_at fault product damage claimed_at recorded_at withdrawn_at",
        staff="recorded_by",
        inner="decision credit",
        withheld="reason withdrawal_reason",
    ),
    Holding(
        model="billing.outageclaim",
        kind="books",
        of_person=by("claimed_by"),
        of_organisation=by("organisation"),
        shown="contract claimed_by claimed_at begins_at ends_at product what damage state decided_at reason",
        person_sees="claimed_at state",
        staff="decided_by",
        inner="organisation submission_key outage",
    ),
    Holding(
        model="billing.setoffdeclaration",
        kind="books",
        of_person=by("declared_by"),
        of_organisation=by("organisation"),
        shown="provider invoice amount claim declared_by declared_at state decided_at reason set_off",
        person_sees="declared_at state",
        staff="decided_by",
        inner="organisation submission_key",
    ),
    Holding(
        model="billing.setoff",
        kind="books",
        of_organisation=by("organisation"),
        shown="provider issued_on amount",
        files=(File("pdf", "pdf_hash", _letter),),
        inner="organisation document document_hash payments",
    ),
    Holding(
        model="billing.deposit",
        kind="books",
        of_organisation=_of_the_contract,
        shown="contract amount asked_on pay_by expected received_on reference used_up_on returned_on"
        " returned_amount",
        staff="asked_by",
        inner="decision adjustment",
        withheld="reason",
    ),
    Holding(
        model="billing.deposituse",
        kind="books",
        of_organisation=by("deposit__contract__organisation"),
        shown="deposit payment",
    ),
    Holding(
        model="billing.depositletter",
        kind="books",
        of_organisation=by("organisation"),
        shown="provider deposit kind issued_on",
        files=(File("pdf", "pdf_hash", _letter),),
        inner="organisation use document document_hash",
    ),
    Holding(
        model="billing.reminder",
        kind="books",
        of_organisation=by("organisation"),
        shown="provider step issued_on pay_by open_amount interest sent_to sent_at",
        files=(File("pdf", "pdf_hash", _letter),),
        inner="organisation document document_hash",
    ),
    Holding(
        model="billing.reminderline",
        kind="books",
        of_organisation=by("reminder__organisation"),
        shown="reminder invoice step open_amount interest",
    ),
    Holding(
        model="billing.statementofaccount",
        kind="books",
        of_person=by("asked_by"),
        of_organisation=by("organisation"),
        shown="provider from_day to_day asked_by asked_at drawn_at",
        person_sees="asked_at",
        files=(File("pdf", "pdf_hash", _statement),),
        inner="organisation document_hash trouble worker leased_until",
    ),
    Holding(
        model="billing.invoicedelsewhere",
        kind="books",
        of_organisation=_of_the_contract,
        shown="contract through recorded_at",
        staff="recorded_by",
        withheld="reason",
    ),
    Holding(
        model="billing.chargedifference",
        kind="books",
        of_organisation=_of_the_contract,
        shown="contract month product owed charged amount cause found_at state settled_at document",
        staff="settled_by",
        inner="invoice",
        withheld="reason",
    ),
    Holding(
        model="billing.invoicemail",
        kind="mails",
        of_organisation=by("invoice__organisation"),
        shown="invoice about address accepted_at refusal",
        inner="language claimed_at",
    ),
    Holding(
        model="billing.depositmail",
        kind="mails",
        of_organisation=by("letter__organisation"),
        shown="letter address accepted_at refusal",
        inner="language claimed_at",
    ),
)

APART = (
    Apart(model="billing.bankaccount", kind="books", why="The provider's own accounts"),
    Apart(
        model="billing.bankimport",
        kind="books",
        why="Files of a bank as a whole; entries are shown to whose they are",
        staff="by",
    ),
    Apart(model="billing.billingchunk", kind="technical", why="Steps of a billing run"),
    Apart(
        model="billing.billingrun",
        kind="books",
        why="A month of all customers; what concerns one stands in the invoice",
        staff="started_by approved_by",
    ),
    Apart(
        model="billing.broughtpricelist",
        kind="technical",
        why="Prices of a release",
        staff="set_aside_by",
    ),
    Apart(model="billing.comparison", kind="technical", why="Up to which month charges were compared"),
    Apart(
        model="billing.directdebitbatch",
        kind="books",
        why="A file to a bank for all customers; what concerns one stands in its lines",
        staff="requested_by",
    ),
    Apart(model="billing.invoicecounter", kind="technical", why="The last numbers given"),
    Apart(
        model="billing.payoutbatch",
        kind="books",
        why="A file to a bank for all customers; what concerns one stands in the payouts",
        staff="made_by",
    ),
    Apart(model="billing.plaindrawing", kind="technical", why="How a PDF was drawn"),
    Apart(
        model="billing.previewline",
        kind="technical",
        why="Sums of a preview, before the invoice",
    ),
    Apart(model="billing.pricelistversion", kind="technical", why="Prices for everybody"),
    Apart(
        model="billing.refusedusage",
        kind="books",
        why="Rows of a file that name no contract, so that nobody knows whose they are",
        staff="settled_by",
    ),
    Apart(
        model="billing.usageimport",
        kind="books",
        why="Files of usage as a whole",
        staff="imported_by undone_by",
    ),
)
