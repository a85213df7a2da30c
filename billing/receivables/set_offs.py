"""Setting off a customer's credit against its open invoices, with a written statement."""

from datetime import date
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import override

from billing.calculation.matching import OpenInvoice, divide
from billing.correspondence.letters import issuer_on, keep_pdf, recipient_of
from billing.documents.letters import FORMAT, SetOffDocument, digest, render_set_off
from billing.models import CreditBalance, CreditEntry, Invoice, Payment, SetOff
from billing.receivables.claims import pay
from billing.receivables.credits import book, locked_balance
from billing.receivables.held import complete, free_of, held_by_invoice
from billing.receivables.open_items import Terms, open_invoices
from contracts.wording.links import article_label
from portal.audit.record import record
from portal.organisations.acting import ensure_no_own_cause
from portal.organisations.models import User

_BY_LAW = "民法第505条"


@transaction.atomic
def set_off(balance: CreditBalance, on: date, staff: User | None = None) -> SetOff:
    """Pay a customer's open invoices from its credit, those due first in front, as far as it reaches.

    An invoice whose terms count less as not paid is paid whole or not at all. ValidationError for a day to
    come, when nothing can be set off, or for staff's own organisation (`own_request`).
    """
    ensure_no_own_cause(staff, balance.organisation)
    if on > localdate():
        raise ValidationError({"on": _("This day is still to come.")})
    locked = locked_balance(balance.provider, balance.organisation)
    invoices = _locked_invoices(locked)
    terms = Terms(on)
    free, kept = free_of(locked), held_by_invoice([locked.organisation])
    offered = [
        OpenInvoice(number, invoice.open_amount - kept.get(invoice.pk, 0), terms.whole_only(invoice))
        for number, invoice in invoices.items()
    ]
    parts, rest, _left_out = divide(free, offered)
    if not parts:
        raise ValidationError(_("There is nothing to set off: no credit, or no invoice that it covers."))
    document = _document(locked, parts, rest, invoices, terms)
    stored = _stored(locked, document)
    for number, amount in parts:
        payment = pay(invoices[number], amount, on, f"set-off-{stored.pk}-{number}", Payment.Kind.SET_OFF)
        complete(invoices[number], on)
        stored.payments.add(payment)
    book(locked, CreditEntry.Kind.SET_OFF, -document["amount"], on, f"set-off-{stored.pk}")
    record(
        "credit.set_off",
        staff,
        stored,
        amount=document["amount"],
        parts=dict(parts),
        left=rest,
        document=stored.document_hash,
    )
    return stored


def _locked_invoices(balance: CreditBalance) -> dict[str, Any]:
    """What is open of the customer's invoices, locked in one order, by number, those due first in front."""
    theirs = Invoice.objects.filter(provider=balance.provider, organisation=balance.organisation)
    list(theirs.select_for_update().order_by("pk").values_list("pk"))
    return {invoice.number: invoice for invoice in open_invoices(theirs)}


def _stored(balance: CreditBalance, document: SetOffDocument) -> SetOff:
    document_hash = digest(document)
    name, pdf_hash = keep_pdf("set-off", balance.provider, document_hash, render_set_off(document))
    return SetOff.objects.create(
        provider=balance.provider,
        organisation=balance.organisation,
        issued_on=date.fromisoformat(document["issued_on"]),
        amount=document["amount"],
        document=cast(dict[str, Any], document),
        document_hash=document_hash,
        pdf=name,
        pdf_hash=pdf_hash,
    )


def _document(
    balance: CreditBalance,
    parts: tuple[tuple[str, int], ...],
    rest: int,
    invoices: dict[str, Any],
    terms: Terms,
) -> SetOffDocument:
    return {
        "format": FORMAT,
        "issued_on": terms.day.isoformat(),
        "issuer": issuer_on(balance.provider, terms.day),
        "recipient": recipient_of(balance.organisation, balance.provider, terms.day),
        "items": [
            {
                "number": number,
                "service": invoices[number].contract.service.names["ja"],
                "due_on": invoices[number].due_on.isoformat(),
                "open_before": invoices[number].open_amount,
                "amount": amount,
            }
            for number, amount in parts
        ],
        "amount": sum(amount for _number, amount in parts),
        "credit_before": free_of(balance),
        "credit_after": rest,
        "basis": _basis([invoices[number] for number, _amount in parts], terms),
    }


def _basis(invoices: list[Any], terms: Terms) -> str:
    """The articles that let both sides set off; the law where the terms are silent."""
    told: list[str] = []
    with override("ja"):
        for invoice in invoices:
            version = terms.version(invoice)
            rule = version.policy.charging.set_off if version else None
            if version and rule:
                told.append(
                    f"{version.title}{'・'.join(article_label(version, key) for key in rule.article)}"
                )
    return "、".join(dict.fromkeys(told)) or _BY_LAW
