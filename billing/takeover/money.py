"""Money that is held or agreed on: credit, deposits, and accounts that customers let the provider debit."""

from collections.abc import Mapping

from billing.models import CreditEntry, DebitMandate, Deposit
from billing.receivables.bank.accounts import save_mandate
from billing.receivables.credits import book, locked_balance
from contracts.extensions.takeover import Bringing, Line
from contracts.models import Contract
from contracts.rules.calendar.period import japan_date

_ACCOUNT = (
    "bank_code",
    "bank_name",
    "branch_code",
    "branch_name",
    "account_kind",
    "account_number",
    "holder",
)


def bring_credits(contract: Contract, bringing: Bringing) -> None:
    """Book what the customer has to its credit."""
    for line in bringing.of("credits"):
        if None in (line["document"], line["on"], line["amount"]) or not _is_past(bringing, line, "on"):
            continue
        if not line["amount"]:
            bringing.refuse(line, "amount", "no_amount")
        elif not bringing.problems:
            issuer = contract.issuer_on(japan_date(bringing.at))
            balance = locked_balance(issuer, contract.organisation)
            book(
                balance,
                CreditEntry.Kind.BROUGHT,
                line["amount"],
                line["on"],
                reference_of(contract, line["document"]),
                at=bringing.at,
            )


def reference_of(contract: Contract, document: str) -> str:
    """What names it: the old system's name, and the contract with which it came."""
    return f"{document} ({contract.number})"


def contract_of(reference: str) -> str:
    """The number of the contract with which it came."""
    return reference.rpartition("(")[2].removesuffix(")")


def bring_deposits(contract: Contract, bringing: Bringing) -> None:
    """Store the deposit that the provider holds; it is used and returned like one that came in here."""
    for count, line in enumerate(bringing.of("deposits")):
        if count:
            bringing.refuse(line, "old_number", "one_deposit")
            continue
        if None in (line["amount"], line["received_on"]) or not _is_past(bringing, line, "received_on"):
            continue
        if not line["amount"]:
            bringing.refuse(line, "amount", "no_amount")
        elif not bringing.problems:
            Deposit.objects.create(
                contract=contract,
                amount=line["amount"],
                asked_on=line["received_on"],
                pay_by=line["received_on"],
                reason=bringing.takeover.file_name,
                asked_by=bringing.staff,
                received_on=line["received_on"],
                reference=reference_of(contract, line["document"] or bringing.first["old_number"]),
            )


def bring_mandates(contract: Contract, bringing: Bringing) -> None:
    """Store the account to be debited; where the customer named the same one before, that goes on."""
    lines = bringing.of("mandates")
    for line in lines[1:]:
        bringing.refuse(line, "old_number", "one_mandate")
    if lines and all(lines[0][column] is not None for column in _ACCOUNT):
        _bring_mandate(contract, bringing, lines[0])
    if contract.payment_method == "debit" and not lines:
        bringing.remark(bringing.first, "payment_method", "no_mandate")


def _bring_mandate(contract: Contract, bringing: Bringing, line: Line) -> None:
    values = {column: line[column] for column in _ACCOUNT}
    today = japan_date(bringing.at)
    issuer, customer = contract.issuer_on(today), contract.organisation
    known = DebitMandate.objects.filter(provider=issuer, organisation=customer, ended_on__isnull=True).first()
    if known and not _is_same(known, values):
        bringing.refuse(line, "account_number", "other_mandate")
    if known:
        return
    mandate = bringing.attempt(line, lambda: save_mandate(issuer, customer, values, bringing.staff, today))
    if mandate and line["used"] == "yes":
        mandate.used = True
        mandate.save(update_fields=["used"])


def _is_same(known: DebitMandate, values: Mapping[str, str]) -> bool:
    """Whether an account is that of a mandate, by its codes and number."""
    written = (
        values["bank_code"].zfill(4),
        values["branch_code"].zfill(3),
        values["account_kind"],
        values["account_number"].zfill(7),
    )
    return written == (known.bank_code, known.branch_code, known.account_kind, known.account_number)


def _is_past(bringing: Bringing, line: Line, column: str) -> bool:
    if line[column] > japan_date(bringing.at):
        bringing.refuse(line, column, "to_come", day=line[column])
        return False
    return True
