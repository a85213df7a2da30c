"""A provider's bank accounts, and the accounts that customers let it debit."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from billing.documents.bank_files.charset import bank_kana
from billing.documents.bank_files.problems import BankFileError
from billing.models import BankAccount, DebitMandate
from billing.models.bank import AccountFields
from billing.receivables.bank.file_texts import file_problems
from contracts.models import Provider
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.audit.record import record
from portal.organisations.models import Organisation, User

BANK_ACCOUNT = "bank_account"
"""The kind of proposal that changes an account of a provider."""

_KANA = ("bank_name", "branch_name", "holder")
_DIGITS = {"bank_code": 4, "branch_code": 3, "account_number": 7}


@transaction.atomic
def save_bank_account(
    provider: Provider,
    values: Mapping[str, Any],
    staff: User | None,
    account: BankAccount | None = None,
    *,
    approval: Proposal | None = None,
) -> BankAccount:
    """Store an account of a provider, or change one. Names are written in half-width kana.

    ValidationError without the approval of a second person (`second_person`), or names each field that can't
    be.
    """
    ensure_second_person(approval, BANK_ACCOUNT)
    stored = account or BankAccount(provider=provider)
    before = {name: getattr(stored, name) for name in values}
    fill_account(stored, values)
    stored.save()
    changed = {name: value for name, value in before.items() if account and value != getattr(stored, name)}
    personal = {**_stated(values), "before": changed}
    record("bank_account.saved", staff, stored, provider=provider.code, personal=personal)
    return stored


@transaction.atomic
def save_mandate(
    provider: Provider, organisation: Organisation, values: Mapping[str, Any], staff: User | None, on: date
) -> DebitMandate:
    """Store the account that a customer lets a provider debit from a day on; one before it ends.

    ValidationError names each field that can't be.
    """
    open_before = DebitMandate.objects.select_for_update().filter(
        provider=provider, organisation=organisation, ended_on__isnull=True
    )
    list(open_before)
    open_before.update(ended_on=on)
    mandate = DebitMandate(provider=provider, organisation=organisation)
    mandate.customer_number = _customer_number(provider, organisation)
    fill_account(mandate, values)
    mandate.save()
    record("debit_mandate.saved", staff, mandate, provider=provider.code, personal=_stated(values))
    return mandate


def _customer_number(provider: Provider, organisation: Organisation) -> str:
    """20 digits: the customer's and the provider's numbers, and how often an account was named before."""
    named_before = DebitMandate.objects.filter(provider=provider, organisation=organisation).count()
    return f"{organisation.pk:010}{provider.pk:06}{named_before + 1:04}"


def fill_account(stored: AccountFields, values: Mapping[str, Any], exclude: tuple[str, ...] = ()) -> None:
    """Set what is stored of an account; ValidationError names each field that can't be."""
    problems: dict[str, Any] = {}
    for name, value in values.items():
        written = value
        if name in _KANA:
            try:
                written = bank_kana(value)
            except BankFileError as error:
                problems[name] = file_problems(error)
        elif name in _DIGITS:
            written = str(value).rjust(_DIGITS[name], "0")
        setattr(stored, name, written)
    try:
        stored.full_clean(exclude=[*problems, *exclude])
    except ValidationError as error:
        problems.update({name: told for name, told in error.error_dict.items() if name not in problems})
    if problems:
        raise ValidationError(problems)


def _stated(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in ("", None)}


def csv_columns_problem(values: Mapping[str, Any]) -> str:
    """What is missing of a mapping of CSV columns; empty when it can be used, or when there is none."""
    named = {name for name, value in values.items() if value and name not in ("encoding", "rows_before")}
    if not named:
        return ""
    if not {"day", "payer"} <= named or not named & {"incoming", "amount"}:
        return _("Name at least the columns of the day, the payer, and the amount.")
    return ""
