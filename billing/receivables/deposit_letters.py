"""Letters about deposits (利用保証金): request, receipt, each use, return. Each is issued once."""

from datetime import date
from typing import Any, cast

from django.utils.translation import override

from billing.correspondence.letters import issuer_on, recipient_on
from billing.documents.letters import FORMAT, DepositDocument, digest
from billing.models import Deposit, DepositLetter, DepositUse
from billing.pricing.deciding import version_on
from billing.receivables.deposit_mails import queue_deposit_mail
from contracts.models import TermsVersion
from contracts.rules.policy.base import Rule
from contracts.wording.links import article_label
from portal.audit.record import record


def issue_deposit_letter(
    deposit: Deposit, kind: DepositLetter.Kind, day: date, use: DepositUse | None = None
) -> DepositLetter:
    """Issue a letter about a deposit and queue its e-mail, in the transaction that changes the deposit.

    `use` is what a letter of the kind `used` tells of.
    """
    document = _document(deposit, kind, day, use)
    document_hash = digest(document)
    letter = DepositLetter.objects.create(
        provider=deposit.contract.issuer_on(deposit.asked_on),
        organisation=deposit.contract.organisation,
        deposit=deposit,
        kind=kind,
        use=use,
        issued_on=day,
        document=cast(dict[str, Any], document),
        document_hash=document_hash,
    )
    queue_deposit_mail(letter)
    record(
        "deposit.letter", None, deposit.contract, deposit=deposit.pk, kind=str(kind), document=document_hash
    )
    return letter


def _document(
    deposit: Deposit, kind: DepositLetter.Kind, day: date, use: DepositUse | None
) -> DepositDocument:
    contract, issuer = deposit.contract, deposit.contract.issuer_on(deposit.asked_on)
    uses = list(deposit.uses.select_related("payment__invoice").order_by("pk"))
    version = version_on(contract, deposit.asked_on)
    rule = version.policy.charging.deposit
    founding = rule.set_against if rule and use and rule.set_against else rule
    document: DepositDocument = {
        "format": FORMAT,
        "kind": cast(Any, str(kind)),
        "issued_on": day.isoformat(),
        "issuer": issuer_on(issuer, day),
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
                "number": used.payment.invoice.number,
                "used_on": used.payment.paid_on.isoformat(),
                "amount": used.payment.amount,
            }
            for used in ([use] if use else uses)
        ],
        "returned": deposit.returned_amount,
        "bank_account": issuer.on(day).bank_account,
        "basis": f"{version.title}{_cited(version, founding) if founding else ''}",
        "reason": deposit.reason,
    }
    if use:
        document["used"] = use.payment.amount
        document["left"] = deposit.amount - sum(one.payment.amount for one in uses)
    if rule and rule.unpaid and kind == DepositLetter.Kind.ASKED:
        document["unpaid"] = _cited(version, rule.unpaid)
    if rule and rule.set_against:
        document["set_against"] = _cited(version, rule.set_against)
    return document


def _cited(version: TermsVersion, rule: Rule) -> str:
    """The articles of a rule on deposits."""
    with override("ja"):
        return "・".join(article_label(version, key) for key in rule.article)
