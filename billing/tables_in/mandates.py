"""Tables of mandates for direct debit: from which account a customer lets the provider take what is due."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.documents.bank_files.charset import bank_kana
from billing.documents.bank_files.problems import BankFileError
from billing.models import DebitMandate
from billing.models.bank import AccountKind
from billing.receivables.bank.accounts import save_mandate
from billing.receivables.bank.branches import UnknownBankError, UnknownBranchError, branch_of
from billing.receivables.bank.file_texts import file_problems
from portal.organisations.models import Organisation
from portal.tables_in.columns import ChoiceCell, Column
from portal.tables_in.kinds import Desk, Row, TableKind
from portal.tables_in.organisations.finding import (
    find_each,
    in_batches,
    keep_naming,
    named,
    naming_columns,
)

_STATED = ("bank_code", "branch_code", "account_kind", "account_number", "holder")


class DigitsCell(forms.Field):
    """So many digits; zeros in front may be missing, as spreadsheets leave them out."""

    def __init__(self, length: int, **options: Any) -> None:
        super().__init__(**options)
        self.length = length

    def to_python(self, value: Any) -> str:
        digits = unicodedata.normalize("NFKC", str(value)).strip()
        if not digits:
            return ""
        if not (digits.isascii() and digits.isdigit()) or len(digits) > self.length:
            raise ValidationError(
                gettext("Write digits alone, at most %(length)s.") % {"length": self.length}, "digits"
            )
        return digits.rjust(self.length, "0")


class BankKanaCell(forms.CharField):
    """A name as bank files write it; full-width katakana and hiragana are fine."""

    def to_python(self, value: Any) -> str:
        try:
            return bank_kana(super().to_python(value) or "")
        except BankFileError as error:
            raise ValidationError(file_problems(error)) from error


class MandateTable(TableKind):
    """An account takes the place of the one before. Codes must be those of a bank and its branch."""

    key = "mandates"
    label = _("Direct debit mandates")
    says = _(
        "The accounts from which customers let the provider take what is due. Codes are compared with the"
        " banks' list, which gives the names. Another account takes the place of the one before from today"
        " on."
    )
    right = "billing.change_debitmandate"
    order = 70
    once = ("organisation", "corporate_number", "name")
    columns = (
        *naming_columns(),
        Column(
            key="bank_code", heading=_("Bank code"), field=DigitsCell(4), example="0001", also=("銀行コード",)
        ),
        Column(key="branch_code", heading=_("Branch code"), field=DigitsCell(3), example="001"),
        Column(
            key="account_kind",
            heading=_("Kind of account"),
            field=ChoiceCell(dict(AccountKind.choices)),
            example=AccountKind.ORDINARY,
        ),
        Column(key="account_number", heading=_("Account number"), field=DigitsCell(7), example="0012345"),
        Column(
            key="holder",
            heading=_("Account holder in kana"),
            field=BankKanaCell(max_length=30),
            example="ｶ)ｻﾝﾌﾟﾙｼﾖｳｼﾞ",
            also=("口座名義", "口座名義カナ"),
            help=_("At most 30 characters in half-width kana, as the bank writes it."),
        ),
    )

    def look_up(self, rows: Sequence[Row], desk: Desk) -> None:
        meant: dict[int, Row] = {}

        def found(row: Row, organisation: Organisation) -> None:
            row.target = organisation
            if (before := meant.setdefault(organisation.pk, row)) is not row:
                row.refuse(gettext("Row %(row)s means the same organisation.") % {"row": before.number})

        find_each(rows, desk, found)
        known: dict[int, DebitMandate] = {}
        for some in in_batches(meant):
            standing = self._standing(desk).filter(organisation__in=some)
            known.update({mandate.organisation_id: mandate for mandate in standing})
        for row in rows:
            mandate = known.get(row.target.pk) if row.target else None
            if mandate:
                row.now = _stated(mandate)
                keep_naming(row)
            self._check_codes(row)

    def _check_codes(self, row: Row) -> None:
        """Codes that are stored already are left, though the banks' list may have dropped them."""
        codes = (row.values.get("bank_code"), row.values.get("branch_code"))
        now = row.now or {}
        if not all(codes) or codes == (now.get("bank_code"), now.get("branch_code")):
            return
        try:
            row.note = branch_of(str(codes[0]), str(codes[1])).name
        except UnknownBankError:
            row.refuse(gettext("There is no bank of this code."), "bank_code")
        except UnknownBranchError:
            row.refuse(gettext("The bank has no branch of this code."), "branch_code")

    def bring(self, unit: Sequence[Row], desk: Desk) -> None:
        (row,) = unit
        values = {key: row.values[key] for key in _STATED}
        try:
            branch = branch_of(values["bank_code"], values["branch_code"])
        except LookupError:  # the banks' list has dropped codes that are stored, and stay
            pass
        else:
            values |= {"bank_name": branch.bank_name, "branch_name": branch.branch_name}
        save_mandate(desk.provider, row.target, values, desk.staff, localdate(desk.at))

    def stored(self, desk: Desk) -> Iterator[Mapping[str, Any]]:
        yield from map(_stated, self._standing(desk).order_by("organisation", "pk"))

    def _standing(self, desk: Desk) -> Any:
        return DebitMandate.objects.filter(
            provider=desk.provider, ended_on__isnull=True, organisation__united_into__isnull=True
        ).select_related("organisation")


def _stated(mandate: DebitMandate) -> dict[str, Any]:
    return {**named(mandate.organisation), **{key: getattr(mandate, key) for key in _STATED}}
