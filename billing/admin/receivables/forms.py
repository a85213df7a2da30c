"""What billing staff enter about banks, debits, matches and letters."""

import base64
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import ForeignKey, Model
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from billing.documents.bank_files.csv_statement import ENCODINGS
from billing.models import (
    AccountKind,
    BankAccount,
    BankTransaction,
    CreditBalance,
    DebitMandate,
    Invoice,
)
from billing.receivables.allocation import suggestions
from billing.receivables.bank.accounts import csv_columns_problem
from billing.receivables.bank.candidates import Candidates
from billing.receivables.open_items import open_invoices
from contracts.forms.fields import AmountField, DayField, QuantityField, half_width
from contracts.models import Provider
from contracts.wording.formats import day_text, yen_text
from portal.organisations.models import Organisation
from portal.organisations.widgets import SearchedSelect

LARGEST_FILE = 1_500_000
_COLUMNS = {
    "day": _("Column of the day"),
    "payer": _("Column of the payer or text"),
    "incoming": _("Column of amounts that came in"),
    "outgoing": _("Column of amounts that went out"),
    "amount": _("Column of all amounts"),
    "reference": _("Column of the reference"),
    "remark": _("Column of remarks"),
    "inquiry_number": _("Column of the bank's number"),
}
_MOST_CUSTOMERS = 5


class DigitsField(forms.CharField):
    """A code of digits; full-width ones are fine."""

    widget = UnfoldAdminTextInputWidget

    def clean(self, value: Any) -> Any:
        return super().clean(half_width(value))


class AccountForm(forms.Form):
    """An account at a bank."""

    bank_code = DigitsField(label=_("Bank code"), max_length=4)
    bank_name = forms.CharField(
        label=_("Bank's name in kana"), max_length=30, required=False, widget=UnfoldAdminTextInputWidget
    )
    branch_code = DigitsField(label=_("Branch code"), max_length=3)
    branch_name = forms.CharField(
        label=_("Branch's name in kana"), max_length=30, required=False, widget=UnfoldAdminTextInputWidget
    )
    account_kind = forms.ChoiceField(
        label=_("Kind of account"), choices=AccountKind.choices, widget=UnfoldAdminSelectWidget
    )
    account_number = DigitsField(label=_("Account number"), max_length=7)
    holder = forms.CharField(
        label=_("Account holder in kana"), max_length=60, widget=UnfoldAdminTextInputWidget
    )


class BankAccountForm(AccountForm):
    """An issuer's account; how its bank writes CSV files, if it does."""

    provider = forms.ModelChoiceField(
        Provider.issuers.all(), label=_("provider"), empty_label=None, widget=UnfoldAdminSelectWidget
    )
    consignor_code = DigitsField(
        label=_("Consignor code"),
        max_length=10,
        required=False,
        help_text=_("10 digits, given by the bank for direct debits; without it there are none."),
    )
    transfer_code = DigitsField(
        label=_("Client code for transfers"),
        max_length=10,
        required=False,
        help_text=_("10 digits, given by the bank for files of transfers; without it there are none."),
    )
    encoding = forms.ChoiceField(
        label=_("Encoding of CSV files"),
        choices=list(zip(ENCODINGS, ("Shift_JIS", "UTF-8"), strict=True)),
        widget=UnfoldAdminSelectWidget,
        help_text=_("The columns are named as in the row of headings; without them there is no CSV import."),
    )
    rows_before = QuantityField(
        label=_("Rows before the headings"), initial=0, min_value=0, widget=UnfoldAdminTextInputWidget
    )

    def __init__(self, data: Any = None, files: Any = None, *, account: BankAccount | None = None) -> None:
        initial: dict[str, Any] = {}
        if account:
            stored = ("provider", "consignor_code", "transfer_code", *AccountForm.base_fields)
            initial = {name: getattr(account, name) for name in stored}
            initial |= {_field_of(name): value for name, value in account.csv_columns.items()}
        super().__init__(data, files, initial=initial)
        for name, label in _COLUMNS.items():
            self.fields[f"column_{name}"] = forms.CharField(
                label=label, required=False, max_length=60, widget=UnfoldAdminTextInputWidget
            )
        self.order_fields(["provider", *AccountForm.base_fields, "consignor_code", "transfer_code"])
        if account:
            self.fields["provider"].disabled = True

    def clean(self) -> dict[str, Any]:
        cleaned = cast(dict[str, Any], super().clean())
        columns = {name: cleaned.pop(f"column_{name}", "") for name in _COLUMNS}
        columns = {name: value for name, value in columns.items() if value}
        columns |= {"encoding": cleaned.pop("encoding", ""), "rows_before": cleaned.pop("rows_before", 0)}
        if problem := csv_columns_problem(columns):
            self.add_error("column_day", problem)
        named = set(columns) - {"encoding", "rows_before"}
        return {**cleaned, "csv_columns": columns if named else {}}


def _field_of(name: str) -> str:
    return name if name in ("encoding", "rows_before") else f"column_{name}"


def _search_for(field: forms.Field, model: type[Model]) -> None:
    """Let the organisation of an object be searched for in a field: there may be many."""
    whose = cast("ForeignKey[Any, Any]", model._meta.get_field("organisation"))
    chosen = cast("forms.ModelChoiceField[Any]", field)
    chosen.widget = SearchedSelect(whose, admin.site, choices=chosen.choices)


class MandateForm(AccountForm):
    provider = forms.ModelChoiceField(
        Provider.issuers.all(), label=_("provider"), empty_label=None, widget=UnfoldAdminSelectWidget
    )
    organisation = forms.ModelChoiceField(
        Organisation.objects.all(),
        label=_("organisation"),
        help_text=_("Search by name, kana, corporate number or e-mail address."),
    )
    on = DayField(label=_("Holds from"), widget=UnfoldAdminSingleDateWidget)
    field_order = ("provider", "organisation", "on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _search_for(self.fields["organisation"], DebitMandate)


class BankFileForm(forms.Form):
    """A file, which stays in the form between the preview and the confirmation."""

    account = forms.ModelChoiceField(
        BankAccount.objects.select_related("provider"),
        label=_("bank account"),
        required=False,
        empty_label=_("The account that the file states"),
        widget=UnfoldAdminSelectWidget,
    )
    file = forms.FileField(
        label=_("File"), required=False, allow_empty_file=True, widget=UnfoldAdminFileFieldWidget
    )
    content = forms.CharField(required=False, widget=forms.HiddenInput)
    file_name = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = cast(dict[str, Any], super().clean())
        chosen = cleaned.pop("file", None)
        if chosen and chosen.size > LARGEST_FILE:
            raise ValidationError({"file": gettext("The file is larger than bank files are.")})
        if chosen:
            content, name = chosen.read(), chosen.name
        else:
            content, name = _kept(cleaned.get("content", "")), cleaned.get("file_name", "")
        if content is None:
            raise ValidationError({"file": gettext("Choose the file that you got from the bank.")})
        if chosen:
            kept = {"content": base64.b64encode(content).decode("ascii"), "file_name": name}
            self.data = {**{field: self.data.get(field) for field in self.data}, **kept}
        return {**cleaned, "content": content, "file_name": name}


def _kept(content: str) -> bytes | None:
    """The file that the preview was made of."""
    try:
        return base64.b64decode(content, validate=True) if content else None
    except ValueError:
        return None


class ResultFileForm(forms.Form):
    file = forms.FileField(label=_("File"), allow_empty_file=True, widget=UnfoldAdminFileFieldWidget)

    def clean_file(self) -> bytes:
        chosen = self.cleaned_data["file"]
        if chosen.size > LARGEST_FILE:
            raise ValidationError(gettext("The file is larger than bank files are."))
        return cast(bytes, chosen.read())


class DebitForm(forms.Form):
    account = forms.ModelChoiceField(
        BankAccount.objects.exclude(consignor_code="").select_related("provider"),
        label=_("bank account"),
        empty_label=None,
        widget=UnfoldAdminSelectWidget,
    )
    debit_on = DayField(
        label=_("Debit day"),
        widget=UnfoldAdminSingleDateWidget,
        help_text=_(
            "The due date of the invoices: the terms moved it off closed days. What the bank could not debit"
            " before is asked for again."
        ),
    )


class PayoutForm(AccountForm):
    """How much is paid out, and to which account of the customer's."""

    amount = AmountField(label=_("Amount"), min_value=1, widget=UnfoldAdminTextInputWidget)
    field_order = ("amount",)


class TransfersForm(forms.Form):
    account = forms.ModelChoiceField(
        BankAccount.objects.exclude(transfer_code="").select_related("provider"),
        label=_("bank account"),
        empty_label=None,
        widget=UnfoldAdminSelectWidget,
    )
    pay_on = DayField(label=_("Transfer day"), widget=UnfoldAdminSingleDateWidget)


class PayoutBackForm(forms.Form):
    on = DayField(label=_("Came back on"), widget=UnfoldAdminSingleDateWidget)
    reason = forms.CharField(label=_("Reason"), max_length=200, widget=UnfoldAdminTextInputWidget)


class MatchForm(forms.Form):
    """Amounts for the invoices that an entry may be for, and whose credit the rest is."""

    credit_to = forms.ModelChoiceField(
        Organisation.objects.none(),
        label=_("The rest is the credit of"),
        required=False,
        help_text=_("Search by name, kana, corporate number or e-mail address."),
    )
    named = forms.BooleanField(
        label=_("The payer named these invoices"),
        required=False,
        widget=UnfoldBooleanWidget,
        help_text=_(
            "In the entry, by telephone or by e-mail. Else a payer who owes more is told by e-mail what the"
            " payment was set against."
        ),
    )
    other_number = forms.CharField(
        label=_("Another invoice's number"), required=False, widget=UnfoldAdminTextInputWidget
    )
    other_amount = AmountField(
        label=_("Its amount"), required=False, min_value=1, widget=UnfoldAdminTextInputWidget
    )

    def __init__(self, entry: BankTransaction, found: Candidates, data: Any = None) -> None:
        super().__init__(data)
        provider = entry.account.provider
        customers = Organisation.objects.filter(contracts__service__provider=provider.kept_by).distinct()
        credit_to = cast("forms.ModelChoiceField[Any]", self.fields["credit_to"])
        credit_to.queryset = customers
        _search_for(credit_to, CreditBalance)
        likely = suggestions(entry, found)[:_MOST_CUSTOMERS]
        parts = dict(likely[0].parts) if likely else {}
        if likely and likely[0].rest:
            self.fields["credit_to"].initial = likely[0].customer
        keys = {suggestion.customer for suggestion in likely}
        self.numbers: dict[str, str] = {}
        for number, invoice in found.invoices.items():
            if invoice.debtor_id not in keys:
                continue
            name = f"part_{invoice.pk}"
            self.numbers[name] = number
            self.fields[name] = AmountField(
                label=f"{number} {invoice.debtor.name}",
                help_text=gettext("%(amount)s open, due on %(day)s")
                % {"amount": yen_text(invoice.open_amount), "day": day_text(invoice.due_on)},
                initial=parts.get(number),
                required=False,
                min_value=0,
                widget=UnfoldAdminTextInputWidget,
            )
        self.order_fields([*self.numbers, "other_number", "other_amount", "named", "credit_to"])

    def clean(self) -> dict[str, Any]:
        cleaned = cast(dict[str, Any], super().clean())
        parts = {number: cleaned.get(name) or 0 for name, number in self.numbers.items()}
        other, amount = half_width(cleaned.get("other_number") or ""), cleaned.get("other_amount")
        if bool(other) != bool(amount):
            self.add_error("other_amount", gettext("Give both the number and the amount, or neither."))
        elif other:
            parts[other] = parts.get(other, 0) + cast(int, amount)
        return {"parts": parts, "credit_to": cleaned.get("credit_to"), "named": bool(cleaned.get("named"))}


class NoteForm(forms.Form):
    note = forms.CharField(label=_("Note"), max_length=200, widget=UnfoldAdminTextareaWidget)


class SetOffForm(forms.Form):
    """The day of a set-off, and which invoices are meant where somebody says so."""

    on = DayField(label=_("On"), widget=UnfoldAdminSingleDateWidget)
    invoices = forms.MultipleChoiceField(
        label=_("Invoices"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Choose those that the customer names. Without a choice the order of the law counts."),
    )

    def __init__(self, balance: CreditBalance, data: Any = None) -> None:
        super().__init__(data)
        theirs = Invoice.objects.filter(provider=balance.provider, debtor=balance.organisation)
        asked = cast(forms.MultipleChoiceField, self.fields["invoices"])
        asked.choices = [
            (invoice.number, f"{invoice.number} {yen_text(invoice.open_amount)} {day_text(invoice.due_on)}")
            for invoice in open_invoices(theirs)
        ]
