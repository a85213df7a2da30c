"""What came in on a bank account goes to invoices and to customers' credit, or is parked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from billing.calculation.owed.appropriation import payment_parts
from billing.calculation.owed.matching import Suggestion, names
from billing.correspondence.payment_order import CHOSEN, tell_payer
from billing.documents.bank_files.charset import comparable_name
from billing.models import BankTransaction, CreditEntry, Invoice, PayerName, Payment
from billing.receivables.bank.candidates import Candidates, candidates_without_doubt, received
from billing.receivables.claims import take_from
from billing.receivables.credits import book, locked_balance
from billing.receivables.held import back_of, ensure_not_used, held_by_invoice, receive, reopen
from billing.receivables.open_items import Terms, open_invoices
from contracts.models import Provider
from contracts.rules.policy.service_file import PaymentOrder
from contracts.wording.formats import yen_text
from portal.audit.record import record
from portal.organisations.acting import ensure_no_own_cause
from portal.organisations.models import Organisation, User

Parts = Mapping[str, int]
"""Yen by invoice number."""

_PAYER = "payer"
_AT_ONCE = 100
"""So many entries are looked at together: those who may have paid them are read at once."""


@dataclass(frozen=True)
class Matched:
    """How many entries were matched without doubt, and how many wait for somebody."""

    matched: int
    waiting: int


@transaction.atomic
def allocate(
    entry: BankTransaction,
    parts: Parts,
    credit_to: Organisation | None,
    staff: User | None = None,
    *,
    named: bool = False,
) -> BankTransaction:
    """Divide an entry's whole amount over invoices; what is left is kept to the credit of `credit_to`.

    What is less than all that is open where the terms count that as not paid is kept for the invoice. A payer
    who did not name these invoices (`named`, or in the entry itself), nor meant them by the amount, and owes
    more is told which they are (民法488条).
    ValidationError when the entry is not open any more, an invoice is not the provider's, more is given than
    is open or than came in, when the rest is nobody's, or when any of it concerns an organisation of `staff`.
    """
    current = _locked(entry)
    provider = current.account.provider
    given = {number: amount for number, amount in parts.items() if amount}
    invoices = _locked_invoices(provider, given)
    _check_parts(current, given, invoices)
    concerned = {invoice.debtor for invoice in invoices.values()}
    if credit_to:
        concerned.add(credit_to)
    for organisation in concerned:
        ensure_no_own_cause(staff, organisation)
    rest = current.amount - sum(given.values())
    if rest and credit_to is None:
        text = _("%(amount)s would be left over. Say whose credit it is.")
        raise ValidationError({"credit_to": text % {"amount": yen_text(rest)}}, code="rest")
    terms = Terms(current.booked_on)
    order = (
        _PAYER if named or _means(current, given, invoices) else _order_of(current, given, invoices, terms)
    )
    for number, amount in given.items():
        stored = current.payments.count() + current.credit_entries.count()
        reference = f"bank-{current.pk}-{number}-{stored + 1}"
        receive(
            invoices[number],
            amount,
            current.booked_on,
            reference,
            Payment.Kind.TRANSFER,
            whole_only=terms.whole_only(invoices[number]),
            transaction=current,
        )
    if rest and credit_to:
        kind = CreditEntry.Kind.OVERPAID if given else CreditEntry.Kind.HELD
        reference = f"bank-{current.pk}-{current.credit_entries.count() + 1}"
        book(locked_balance(provider, credit_to), kind, rest, current.booked_on, reference, current)
    _remember_payer(current, concerned)
    if order != _PAYER:
        _tell_payers(current, given, invoices, credit_to, rest, order)
    current.status, current.allocated = BankTransaction.Status.SETTLED, current.amount
    current.save(update_fields=["status", "allocated"])
    record(
        "bank_entry.matched",
        staff,
        current,
        amount=current.amount,
        parts=given,
        order=order,
        credit=rest,
        credit_to=credit_to.pk if rest and credit_to else None,
    )
    return current


def suggestions(entry: BankTransaction, found: Candidates) -> tuple[Suggestion, ...]:
    """Whose payment an entry may be, the likeliest first; `found` are its `candidates`."""
    return found.matcher.suggestions(received(entry))


def match_certain(provider: Provider, staff: User | None = None) -> Matched:
    """Match every open entry that leaves no doubt, each in a transaction of its own.

    An invoice is paid by one entry at a time; what else was meant for it waits for the next call. What
    concerns an organisation of `staff` waits for a colleague.
    """
    matched = 0
    touched: set[str] = set()
    for entry, suggestion in _without_doubt(provider):
        numbers = {number for number, _amount in suggestion.parts}
        if touched & numbers:
            continue
        try:
            allocate(entry, dict(suggestion.parts), None, staff)
        except ValidationError:  # somebody else was faster, or has to do it: it stays for whoever looks next
            continue
        touched |= numbers
        matched += 1
    return Matched(matched, _open_entries(provider).count())


@transaction.atomic
def park(entry: BankTransaction, note: str, staff: User) -> BankTransaction:
    """Set an entry aside that is for no invoice, with the reason. ValidationError names `note`."""
    current = _locked(entry)
    if not note.strip():
        raise ValidationError({"note": _("Say why nothing is to be paid with it.")})
    current.status, current.note = BankTransaction.Status.PARKED, note.strip()
    current.save(update_fields=["status", "note"])
    record("bank_entry.parked", staff, current, amount=current.amount, personal={"note": current.note})
    return current


@transaction.atomic
def release(entry: BankTransaction, staff: User) -> BankTransaction:
    """Take a parked entry up again."""
    current = _locked(entry, BankTransaction.Status.PARKED)
    current.status = BankTransaction.Status.OPEN
    current.save(update_fields=["status"])
    record("bank_entry.released", staff, current, amount=current.amount)
    return current


@transaction.atomic
def take_back(entry: BankTransaction, reason: str, staff: User) -> BankTransaction:
    """Undo how an entry was matched: its payments no longer stand, and it is open again.

    ValidationError when its part of the customer's credit is used already, or when any of it concerns an
    organisation of `staff`.
    """
    current = _locked(entry, BankTransaction.Status.SETTLED)
    payments = list(current.payments.standing().select_related("invoice__debtor", "invoice__provider"))
    credited = list(
        current.credit_entries.select_related("balance__organisation", "balance__provider", "claim")
    )
    concerned = {payment.invoice.debtor for payment in payments}
    for organisation in concerned | {held.balance.organisation for held in credited}:
        ensure_no_own_cause(staff, organisation)
    _locked_invoices(current.account.provider, {payment.invoice.number: 0 for payment in payments})
    for payment in payments:
        take_from(payment, payment.left, localdate())
        reopen(payment.invoice, localdate())
    for held in credited:
        _return_credit(current, held)
    current.status, current.allocated = BankTransaction.Status.OPEN, 0
    current.save(update_fields=["status", "allocated"])
    record(
        "bank_entry.taken_back",
        staff,
        current,
        amount=current.amount,
        payments={payment.invoice.number: payment.left for payment in payments},
        personal={"reason": reason},
    )
    return current


def _return_credit(entry: BankTransaction, held: CreditEntry) -> None:
    reversed_before = entry.credit_entries.filter(kind=CreditEntry.Kind.TAKEN_BACK, reference=back_of(held))
    if held.amount < 0 or reversed_before.exists():
        return
    ensure_not_used(held)
    balance = locked_balance(held.balance.provider, held.balance.organisation)
    reference = back_of(held)
    book(
        balance,
        CreditEntry.Kind.TAKEN_BACK,
        -held.amount,
        localdate(),
        reference,
        entry,
        claim=held.claim,
    )


def _without_doubt(provider: Provider) -> list[tuple[BankTransaction, Suggestion]]:
    """The open entries that leave no doubt, each with what it is for."""
    waiting = list(_open_entries(provider))
    found = []
    for start in range(0, len(waiting), _AT_ONCE):
        some = waiting[start : start + _AT_ONCE]
        matcher = candidates_without_doubt(provider, some, localdate()).matcher
        found += [(entry, certain) for entry in some if (certain := matcher.certain(received(entry)))]
    return found


def _open_entries(provider: Provider) -> Any:
    entries = BankTransaction.objects.filter(account__provider=provider, status=BankTransaction.Status.OPEN)
    return entries.order_by("booked_on", "pk")


def _locked(
    entry: BankTransaction, status: BankTransaction.Status = BankTransaction.Status.OPEN
) -> BankTransaction:
    current = (
        BankTransaction.objects.select_for_update(of=("self",))
        .select_related("account__provider")
        .get(pk=entry.pk)
    )
    if current.status != status:
        text = _("This entry is %(status)s by now. Nothing was changed.")
        raise ValidationError(text % {"status": current.get_status_display()}, code="other_status")
    return current


def _locked_invoices(provider: Provider, parts: Parts) -> dict[str, Any]:
    """The invoices by number, locked in one order, with what is open of them now."""
    list(Invoice.objects.select_for_update().filter(number__in=parts).order_by("pk").values_list("pk"))
    found = Invoice.objects.filter(provider=provider, number__in=parts).select_related(
        "debtor", "provider", "contract__service"
    )
    return {invoice.number: invoice for invoice in found}


def _check_parts(entry: BankTransaction, parts: Parts, invoices: Mapping[str, Any]) -> None:
    problems: list[ValidationError] = []
    for number, amount in parts.items():
        invoice = invoices.get(number)
        values = {"number": number, "amount": yen_text(invoice.open_amount) if invoice else ""}
        if invoice is None:
            text = _("There is no invoice %(number)s of this provider.")
        elif not invoice.open_amount:
            text = _("Nothing is open of %(number)s any more.")
        elif not 1 <= amount <= invoice.open_amount:
            text = _("%(amount)s is open of %(number)s: give 1 yen or more, and no more than that.")
        else:
            continue
        problems.append(ValidationError(text % values))
    if sum(parts.values()) > entry.amount:
        text = _("More would be paid than the %(amount)s that came in.")
        problems.append(ValidationError(text % {"amount": yen_text(entry.amount)}))
    if problems:
        raise ValidationError(problems)


def _means(entry: BankTransaction, parts: Parts, invoices: Mapping[str, Any]) -> bool:
    """Whether an entry says itself for which invoices it is: by their numbers, or as it pays just these."""
    pays_them = sum(parts.values()) == entry.amount and all(
        amount == invoices[number].open_amount for number, amount in parts.items()
    )
    return pays_them or all(names(received(entry), number) for number in parts)


def _order_of(entry: BankTransaction, parts: Parts, invoices: Mapping[str, Any], terms: Terms) -> str:
    """By which order an entry met invoices that its payer did not name: the provider's, or as staff chose."""
    provider = entry.account.provider
    debtors = {invoice.debtor_id for invoice in invoices.values()}
    kept = held_by_invoice(debtors)
    for debtor in debtors:
        theirs = open_invoices(Invoice.objects.filter(provider=provider, debtor=debtor))
        claims = [terms.claim(invoice, kept.get(invoice.pk, 0)) for invoice in theirs]
        given = {number: part for number, part in parts.items() if invoices[number].debtor_id == debtor}
        order = cast(PaymentOrder, provider.payment_order)
        met = payment_parts(sum(given.values()), claims, order, entry.booked_on)
        if dict(met.parts) != given:
            return CHOSEN
    return str(provider.payment_order)


def _tell_payers(
    entry: BankTransaction,
    parts: Parts,
    invoices: Mapping[str, Any],
    credit_to: Organisation | None,
    rest: int,
    order: str,
) -> None:
    """Tell those who owe more than they paid what their payment was set against."""
    met: dict[Organisation, dict[str, int]] = {}
    for number, amount in parts.items():
        met.setdefault(invoices[number].debtor, {})[number] = amount
    for organisation, theirs in met.items():
        left = Invoice.objects.filter(provider=entry.account.provider, debtor=organisation)
        if left.filter(open_amount__gt=0).exists():
            tell_payer(entry, organisation, theirs, rest if organisation == credit_to else 0, order)


def _remember_payer(entry: BankTransaction, organisations: set[Organisation]) -> None:
    """Recognise a name next time that is not the customer's own; one that paid for several says nothing."""
    name = comparable_name(entry.payer)
    if len(organisations) != 1 or not name:
        return
    (organisation,) = organisations
    if comparable_name(organisation.kana) != name:
        PayerName.objects.get_or_create(organisation=organisation, name=name)
