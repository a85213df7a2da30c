"""Direct debit (預金口座振替, kind 91): the request to the bank and its results, 120 bytes a record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from .accounts import Account, account_of, account_values
from .charset import bank_kana
from .layouts import DIRECT_DEBIT
from .problems import BankFileError, FileProblem
from .records import Group, Line, Read, Values, check_total, read_records, write_records

Result = Literal["0", "1", "2", "3", "4", "8", "9"]
"""0 done, 1 insufficient funds, 2 no account, 3 stopped by the holder, 4 no mandate, 8 stopped by the
consignor, 9 other. In a request it is 0 and means nothing."""


@dataclass(frozen=True, kw_only=True)
class Debit:
    """An amount in yen to be taken from an account, or what became of it. `line` is its line in the file."""

    account: Account
    holder: str
    amount: int
    customer_number: str
    new_code: str = "0"
    result: str = "0"
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, kw_only=True)
class DebitFile:
    """Debits for one consignor (委託者) and one day, written MMDD."""

    consignor_code: str
    consignor_name: str
    debit_day: str
    account: Account
    debits: tuple[Debit, ...]


def write_debits(file: DebitFile, *, with_results: bool = False) -> bytes:
    """The file's bytes, without line ends. `with_results` fills the trailer's sums as a bank does.

    Names are converted to half-width kana. BankFileError names every value that does not fit.
    """
    problems: list[FileProblem] = []

    def kana(number: int, name: str, written: str) -> str:
        try:
            return bank_kana(written)
        except BankFileError as error:
            problems.extend(FileProblem(number, name, found.key, found.given) for found in error.problems)
            return ""

    header = {
        "kind": DIRECT_DEBIT.kind,
        "code": "0",
        "consignor_code": file.consignor_code,
        "consignor_name": kana(1, "consignor_name", file.consignor_name),
        "debit_day": file.debit_day,
        **account_values(file.account),
    }
    lines: list[Values] = [
        {
            **account_values(debit.account),
            "holder": kana(number, "holder", debit.holder),
            "amount": str(debit.amount),
            "new_code": debit.new_code,
            "customer_number": debit.customer_number.rjust(20, "0"),
            "result": debit.result,
        }
        for number, debit in enumerate(file.debits, 2)
    ]
    sums = _sums(file.debits, with_results)
    trailer = {name: str(value) for name, value in sums.items()}
    try:
        content = write_records(DIRECT_DEBIT, [(header, lines, trailer)], {})
    except BankFileError as error:
        raise BankFileError([*problems, *error.problems]) from error
    if problems:
        raise BankFileError(problems)
    return content


def read_debits(content: bytes, *, with_results: bool = True) -> DebitFile:
    """Read a request, or a result whose trailer tells done and not done apart.

    BankFileError with every problem found: nothing of a file that has one is to be used.
    """
    read = read_records(content, DIRECT_DEBIT)
    if len(read.groups) > 1:
        read.add(read.groups[1].header.number, "", "record_order", found="1")
    read_groups = [(group, tuple(_debit(line) for line in group.lines)) for group in read.groups]
    for group, debits in read_groups:
        _check_trailer(read, group, debits, with_results)
    read.refuse_if_wrong()
    ((group, debits),) = read_groups
    header = group.header.values
    return DebitFile(
        consignor_code=header["consignor_code"],
        consignor_name=header["consignor_name"],
        debit_day=header["debit_day"],
        account=account_of(header),
        debits=debits,
    )


def _debit(line: Line) -> Debit:
    values = line.values
    return Debit(
        account=account_of(values),
        holder=values["holder"],
        amount=int(values["amount"]),
        customer_number=values["customer_number"].rjust(20, "0"),
        new_code=values["new_code"],
        result=values["result"],
        line=line.number,
    )


def _sums(debits: Iterable[Debit], with_results: bool) -> dict[str, int]:
    """What the trailer states; in a request nothing is done or failed yet."""
    every = list(debits)
    done = [debit.amount for debit in every if with_results and debit.result == "0"]
    failed = [debit.amount for debit in every if with_results and debit.result != "0"]
    return {
        "count": len(every),
        "amount": sum(debit.amount for debit in every),
        "done_count": len(done),
        "done_amount": sum(done),
        "failed_count": len(failed),
        "failed_amount": sum(failed),
    }


def _check_trailer(read: Read, group: Group, debits: tuple[Debit, ...], with_results: bool) -> None:
    if group.trailer is None:
        return
    for name, expected in _sums(debits, with_results).items():
        check_total(read, group.trailer, name, expected)
