"""An account at a bank, as the headers and records of 全銀 files state it."""

from __future__ import annotations

from dataclasses import dataclass

from .records import Values


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account at a bank, by its codes; names are half-width kana and may be empty."""

    bank_code: str
    branch_code: str
    kind: str
    number: str
    bank_name: str = ""
    branch_name: str = ""


def account_values(account: Account) -> Values:
    """What a record states of an account."""
    return {
        "bank_code": account.bank_code,
        "bank_name": account.bank_name,
        "branch_code": account.branch_code,
        "branch_name": account.branch_name,
        "account_kind": account.kind,
        "account_number": account.number,
    }


def account_of(values: Values) -> Account:
    """The account that a record states."""
    return Account(
        bank_code=values["bank_code"],
        bank_name=values["bank_name"],
        branch_code=values["branch_code"],
        branch_name=values["branch_name"],
        kind=values["account_kind"],
        number=values["account_number"],
    )
