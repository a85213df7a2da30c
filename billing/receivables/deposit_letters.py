"""Letters about deposits (利用保証金): the request, the receipt, the return. Each is issued once."""

from datetime import date
from typing import Any, cast

from django.utils.translation import override

from billing.correspondence.letters import issuer_on, recipient_on
from billing.documents.letters import FORMAT, DepositDocument, digest
from billing.models import Deposit, DepositLetter
from billing.pricing.deciding import version_on
from billing.receivables.deposit_mails import queue_deposit_mail
from contracts.wording.links import article_label
from portal.audit.record import record


def issue_deposit_letter(deposit: Deposit, kind: DepositLetter.Kind, day: date) -> DepositLetter:
    """Issue a letter about a deposit and queue its e-mail, in the transaction that changes the deposit."""
    document = _document(deposit, kind, day)
    document_hash = digest(document)
    letter = DepositLetter.objects.create(
        provider=deposit.contract.service.provider,
        organisation=deposit.contract.organisation,
        deposit=deposit,
        kind=kind,
        issued_on=day,
        document=cast(dict[str, Any], document),
        document_hash=document_hash,
    )
    queue_deposit_mail(letter)
    record(
        "deposit.letter", None, deposit.contract, deposit=deposit.pk, kind=str(kind), document=document_hash
    )
    return letter


def _document(deposit: Deposit, kind: DepositLetter.Kind, day: date) -> DepositDocument:
    contract = deposit.contract
    uses = deposit.uses.select_related("payment__invoice")
    return {
        "format": FORMAT,
        "kind": cast(Any, str(kind)),
        "issued_on": day.isoformat(),
        "issuer": issuer_on(contract.service.provider, day),
        "recipient": recipient_on(contract, day),
        "contract": contract.number,
        "service": contract.service.names["ja"],
        "amount": deposit.amount,
        "asked_on": deposit.asked_on.isoformat(),
        "pay_by": deposit.pay_by.isoformat(),
        "received_on": deposit.received_on.isoformat() if deposit.received_on else "",
        "billed": deposit.adjustment_id is not None,
        "items": [
            {
                "number": use.payment.invoice.number,
                "used_on": use.payment.paid_on.isoformat(),
                "amount": use.payment.amount,
            }
            for use in uses
        ],
        "returned": deposit.returned_amount,
        "bank_account": contract.service.provider.on(day).bank_account,
        "basis": _basis(deposit),
    }


def _basis(deposit: Deposit) -> str:
    """The articles that let the deposit be asked for."""
    version = version_on(deposit.contract, deposit.asked_on)
    rule = version.policy.charging.deposit
    with override("ja"):
        cited = "・".join(article_label(version, key) for key in rule.article) if rule else ""
    return f"{version.title}{cited}"
