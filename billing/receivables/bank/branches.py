"""Which banks and branches there are, as the banks' own list says (全国銀行金融機関コード)."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from billing.documents.bank_files.charset import bank_kana
from billing.documents.bank_files.problems import BankFileError

LONGEST = 15
"""So many characters of a name stand in bank files."""


@dataclass(frozen=True)
class Branch:
    """A branch of a bank by name: for people, and in half-width kana as bank files write them."""

    name: str
    bank_name: str
    branch_name: str


class UnknownBankError(LookupError):
    """There is no bank of a code."""


class UnknownBranchError(LookupError):
    """The bank has no branch of a code."""


def branch_of(bank_code: str, branch_code: str) -> Branch:
    """The branch of a code of a bank. UnknownBankError, UnknownBranchError."""
    bank = _banks().get(bank_code)
    if bank is None:
        raise UnknownBankError(bank_code)
    branch = bank.branches.get(branch_code)
    if branch is None:
        raise UnknownBranchError(branch_code)
    return Branch(f"{bank.name} {branch.name}", _written(bank.kana), _written(branch.kana))


@cache
def _banks() -> Any:
    from zengin_code import Bank  # reads the whole list as it is imported: only where somebody asks

    return Bank.all


def _written(kana: str) -> str:
    try:
        return bank_kana(kana)[:LONGEST].strip()
    except BankFileError:
        return ""
