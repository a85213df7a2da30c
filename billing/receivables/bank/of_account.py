"""Which account a bank's file is of: by its headers, by numbers that it states, by its headings."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from billing.documents.bank_files.accounts import Account
from billing.documents.bank_files.csv_statement import Columns, CsvMarks, csv_marks
from billing.documents.bank_files.records import kind_of
from billing.documents.bank_files.transactions import read_statements
from billing.models import BankAccount
from billing.receivables.bank.reading import read_bank_file
from portal.organisations.models import User
from portal.staffing.reach import within

_FIXED_KINDS = ("01", "03")


def is_fixed(content: bytes) -> bool:
    """Whether a file has the banks' own records, which name the account."""
    return kind_of(content) in _FIXED_KINDS


def is_of(account: BankAccount, other: Account) -> bool:
    """Whether an account that a file states is one of ours."""
    return (account.bank_code, account.branch_code, account.account_number) == (
        other.bank_code,
        other.branch_code,
        other.number,
    )


def chosen_or_stated(account: BankAccount | None, content: bytes, staff: User) -> list[BankAccount]:
    """The account that was chosen, or else those of a file, of the providers that somebody works for.

    ValidationError where the file states none of them.
    """
    if account:
        return [account]
    own = list(within(staff, BankAccount.objects.select_related("provider")))
    return _of_records(content, own) if is_fixed(content) else _of_table(content, own)


def ensure_not_of_another(account: BankAccount, content: bytes) -> None:
    """ValidationError where a CSV file states another of the accounts that are known, and not this one."""
    if is_fixed(content) or not account.csv_columns:
        return
    stated = _marks(content, [account]).numbers
    if not stated or account.account_number in stated:
        return
    if BankAccount.objects.filter(account_number__in=stated).exists():
        text = _("The file is of another account: %(numbers)s. Nothing was added.")
        raise ValidationError(text % {"numbers": ", ".join(sorted(stated))}, code="other_account")


def _of_records(content: bytes, own: Sequence[BankAccount]) -> list[BankAccount]:
    statements = read_bank_file(read_statements, content, localdate())
    stated = [statement.account for statement in statements if statement.account]
    found = [account for account in own if any(_is_just(account, other, own) for other in stated)]
    if not found:
        text = _("The file is of an account that is not registered: %(numbers)s. Nothing was added.")
        values = {"numbers": ", ".join(f"{of.bank_code}-{of.branch_code} {of.number}" for of in stated)}
        raise ValidationError(text % values, code="account_unknown")
    return found


def _is_just(account: BankAccount, other: Account, own: Sequence[BankAccount]) -> bool:
    """Two accounts of one branch may have one number: then the kind tells them apart."""
    alike = [known for known in own if is_of(known, other)]
    return account in alike and (len(alike) == 1 or account.account_kind == other.kind)


def _of_table(content: bytes, own: Sequence[BankAccount]) -> list[BankAccount]:
    with_columns = [account for account in own if account.csv_columns]
    if len(with_columns) == 1:
        return with_columns
    marks = _marks(content, with_columns)
    fitting = [with_columns[place] for place in marks.fits]
    stated = [account for account in fitting if account.account_number in marks.numbers]
    found = stated or fitting
    if len(found) == 1:
        return found
    if len(found) > 1:
        text = _("The file does not say of which account it is. Choose the account.")
    else:
        text = _("The headings of the file are those of no account's bank. Choose the account.")
    raise ValidationError({"account": ValidationError(text, code="account_unknown")})


def _marks(content: bytes, accounts: Sequence[BankAccount]) -> CsvMarks:
    return read_bank_file(csv_marks, content, [Columns(**account.csv_columns) for account in accounts])
