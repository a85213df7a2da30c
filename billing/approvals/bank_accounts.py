"""The accounts on which a provider is paid, as proposals to a second person."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib.admin.utils import label_for_field
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.models import AccountKind, BankAccount
from billing.receivables.bank.accounts import BANK_ACCOUNT as BANK_ACCOUNT_KEY
from billing.receivables.bank.accounts import save_bank_account
from contracts.models import Provider
from contracts.rules.policy.base import Strict
from portal.approvals.kinds import Kind, Line, Subject
from portal.approvals.models import Proposal


class BankAccountData(Strict):
    """An account of a provider, named by its code; `account` is the key of the one that changes."""

    provider: str
    account: int | None = None
    bank_code: str
    bank_name: str = ""
    branch_code: str
    branch_name: str = ""
    account_kind: str
    account_number: str
    holder: str
    consignor_code: str = ""
    transfer_code: str = ""
    csv_columns: dict[str, str | int | None] = {}

    @property
    def values(self) -> dict[str, Any]:
        """What is stored of the account, by the names of the model's fields."""
        return self.model_dump(exclude={"provider", "account"})


def _provider(wanted: BankAccountData) -> Provider:
    return Provider.issuers.get(code=wanted.provider)


def _account(wanted: BankAccountData) -> BankAccount | None:
    return BankAccount.objects.get(pk=wanted.account) if wanted.account else None


def _subject(wanted: BankAccountData) -> Subject:
    provider, account = _provider(wanted), _account(wanted)
    name = f"{provider.name} {account}" if account else provider.name
    return Subject(about=account or provider, name=name, provider=provider.kept_by.code)


def _lines(wanted: BankAccountData) -> Iterator[Line]:
    account = _account(wanted)
    for name, value in wanted.values.items():
        before = _text(name, getattr(account, name)) if account else ""
        after = _text(name, value)
        if before != after:
            yield Line(str(label_for_field(name, BankAccount)), before, after)


def _text(name: str, value: Any) -> str:
    if name == "csv_columns":
        return "\n".join(f"{column}: {named}" for column, named in sorted(value.items()))
    return str(AccountKind(value).label) if name == "account_kind" and value else str(value)


def _save(wanted: BankAccountData, approval: Proposal, at: datetime) -> str:
    stored = save_bank_account(
        _provider(wanted), wanted.values, approval.proposed_by, _account(wanted), approval=approval
    )
    return gettext("The account %(account)s is stored.") % {"account": stored}


def _form(wanted: BankAccountData) -> str:
    if wanted.account:
        return reverse("admin:billing_bankaccount_change_account", args=[wanted.account])
    return reverse("admin:billing_bankaccount_add_account")


def _entered(wanted: BankAccountData) -> dict[str, Any]:
    columns = {
        name if name in ("encoding", "rows_before") else f"column_{name}": value
        for name, value in wanted.csv_columns.items()
    }
    return {**wanted.values, "provider": _provider(wanted).pk, **columns}


BANK_ACCOUNT = Kind(
    key=BANK_ACCOUNT_KEY,
    label=_("Bank account of a provider"),
    data=BankAccountData,
    right="billing.change_bankaccount",
    subject=_subject,
    lines=_lines,
    carry_out=_save,
    form=_form,
    entered=_entered,
)
