"""How invoices, payments and entries of accounts are found: by number, amount, reference and payer."""

from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext

from billing.calculation.owed.matching import bare_number
from billing.models import BankTransaction, Invoice, Payment
from billing.receivables.balances import state_of
from contracts.rules.calendar.period import Month
from contracts.wording.formats import day_text, month_text, yen_text
from portal.search import written
from portal.search.kinds import Hit, Kind, page_of


class Invoices(Kind):
    """Invoices, returns and open items of old systems, by number and total."""

    key = "invoice"
    model = "billing.invoice"
    has_amounts = True

    def rows(self) -> QuerySet[Invoice]:
        found = Invoice.objects.select_related("organisation")
        return found.only("number", "gross", "organisation__united_into")

    def beginnings(self, thing: Invoice) -> Iterator[str]:
        yield from written.number(thing.number)
        yield written.plain(bare_number(thing.number))
        yield written.amount(thing.gross)

    def organisation(self, thing: Invoice) -> int:
        return thing.organisation.standing_id

    def shown(self) -> QuerySet[Invoice]:
        return Invoice.objects.select_related("contract__service").defer("document")

    def hit(self, thing: Invoice) -> Hit:
        due = gettext("Due %(day)s") % {"day": day_text(thing.open_due_on)} if thing.open_amount > 0 else ""
        facts = (
            thing.recipient_name,
            yen_text(thing.gross),
            month_text(Month.of(thing.month)),
            str(thing.contract.service),
            due,
        )
        return Hit(thing.number, facts, page_of(thing), str(state_of(thing, localdate()).label))


class Payments(Kind):
    """What was paid on invoices, by amount, reference and the payer's name."""

    key = "payment"
    model = "billing.payment"
    has_amounts = True

    def rows(self) -> QuerySet[Payment]:
        found = Payment.objects.select_related("invoice__organisation", "transaction")
        return found.only("amount", "reference", "invoice__organisation__united_into", "transaction__payer")

    def beginnings(self, thing: Payment) -> Iterator[str]:
        yield written.amount(thing.amount)
        yield from written.name(thing.reference)
        if thing.transaction:
            yield from written.name(thing.transaction.payer)

    def organisation(self, thing: Payment) -> int:
        return thing.invoice.organisation.standing_id

    def shown(self) -> QuerySet[Payment]:
        return Payment.objects.select_related("invoice", "transaction").defer("invoice__document")

    def hit(self, thing: Payment) -> Hit:
        facts = (
            day_text(thing.paid_on),
            thing.transaction.payer if thing.transaction else thing.reference,
            thing.invoice.recipient_name,
            thing.invoice.number,
        )
        state = gettext("Taken back") if thing.takes_back_id else str(thing.get_kind_display())
        return Hit(yen_text(thing.amount), facts, page_of(thing), state)


class Received(Kind):
    """What came in on accounts, by amount, payer and what the payer wrote; it is nobody's until matched."""

    key = "received"
    model = "billing.banktransaction"
    has_amounts = True

    def rows(self) -> QuerySet[BankTransaction]:
        return BankTransaction.objects.all()

    def beginnings(self, thing: BankTransaction) -> Iterator[str]:
        yield written.amount(thing.amount)
        yield from written.name(thing.payer)
        yield from written.name(thing.reference)

    def organisation(self, thing: BankTransaction) -> None:
        return None

    def shown(self) -> QuerySet[BankTransaction]:
        return BankTransaction.objects.select_related("account")

    def hit(self, thing: BankTransaction) -> Hit:
        facts = (day_text(thing.booked_on), thing.payer, thing.reference, str(thing.account))
        return Hit(yen_text(thing.amount), facts, page_of(thing), str(thing.get_status_display()))


KINDS: tuple[Kind, ...] = (Invoices(), Payments(), Received())
