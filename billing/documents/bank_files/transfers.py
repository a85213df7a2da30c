"""Transfers (総合振込, kind 21) that a bank is asked to make, 120 bytes a record."""

from __future__ import annotations

from dataclasses import dataclass

from .accounts import Account, account_of, account_values
from .charset import bank_kana
from .layouts import TRANSFERS
from .problems import BankFileError, FileProblem
from .records import Values, check_total, read_records, write_records

_BY_WIRE = "7"


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """An amount in yen to be paid to an account; `reference` are up to 20 digits that tell it apart."""

    account: Account
    holder: str
    amount: int
    reference: str


@dataclass(frozen=True, kw_only=True)
class TransferFile:
    """Transfers of one client (振込依頼人) on one day, written MMDD."""

    consignor_code: str
    consignor_name: str
    transfer_day: str
    account: Account
    transfers: tuple[Transfer, ...]


def write_transfers(file: TransferFile) -> bytes:
    """The file's bytes, without line ends. BankFileError names every value that does not fit."""
    problems: list[FileProblem] = []

    def kana(number: int, name: str, written: str) -> str:
        try:
            return bank_kana(written)
        except BankFileError as error:
            problems.extend(FileProblem(number, name, found.key, found.given) for found in error.problems)
            return ""

    header = {
        "kind": TRANSFERS.kind,
        "code": "0",
        "consignor_code": file.consignor_code,
        "consignor_name": kana(1, "consignor_name", file.consignor_name),
        "transfer_day": file.transfer_day,
        **account_values(file.account),
    }
    lines: list[Values] = [
        {
            **account_values(transfer.account),
            "holder": kana(number, "holder", transfer.holder),
            "amount": str(transfer.amount),
            "new_code": "0",
            "reference": transfer.reference.rjust(20, "0"),
            "by_wire": _BY_WIRE,
            "edi": "",
        }
        for number, transfer in enumerate(file.transfers, 2)
    ]
    total = sum(transfer.amount for transfer in file.transfers)
    trailer = {"count": str(len(lines)), "amount": str(total)}
    try:
        content = write_records(TRANSFERS, [(header, lines, trailer)], {})
    except BankFileError as error:
        raise BankFileError([*problems, *error.problems]) from error
    if problems:
        raise BankFileError(problems)
    return content


def read_transfers(content: bytes) -> TransferFile:
    """Read such a file back; BankFileError with every problem found."""
    read = read_records(content, TRANSFERS)
    for group in read.groups:
        if group.trailer:
            check_total(read, group.trailer, "count", len(group.lines))
            check_total(
                read, group.trailer, "amount", sum(int(line.values["amount"]) for line in group.lines)
            )
    read.refuse_if_wrong()
    (group,) = read.groups
    header = group.header.values
    return TransferFile(
        consignor_code=header["consignor_code"],
        consignor_name=header["consignor_name"],
        transfer_day=header["transfer_day"],
        account=account_of(header),
        transfers=tuple(
            Transfer(
                account=account_of(line.values),
                holder=line.values["holder"],
                amount=int(line.values["amount"]),
                reference=line.values["reference"],
            )
            for line in group.lines
        ),
    )
