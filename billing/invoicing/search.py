"""What customers search their invoices by: month, day, amount, and who issued them (電子帳簿保存法)."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import Invoice
from contracts.forms.fields import AmountField, DayField, half_width
from contracts.models import Provider
from contracts.rules.calendar.period import Month


def _day(label: Any) -> DayField:
    return DayField(
        label=label, required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )


class InvoiceSearch(forms.Form):
    """Everything is optional, and all that is given holds at once. Amounts are yen with tax."""

    month = forms.CharField(
        label=gettext_lazy("Month of use"),
        required=False,
        widget=forms.TextInput(attrs={"type": "month", "placeholder": "2026-10"}),
    )
    from_day = _day(gettext_lazy("Issued from"))
    to_day = _day(gettext_lazy("Issued until"))
    least = AmountField(label=gettext_lazy("Total from"), required=False)
    most = AmountField(label=gettext_lazy("Total up to"), required=False)
    provider = forms.ModelChoiceField(
        Provider.objects.none(), label=gettext_lazy("Issued by"), required=False, to_field_name="code"
    )

    def __init__(self, seen: QuerySet[Invoice], data: Any = None) -> None:
        super().__init__(data)
        issuers = cast("forms.ModelChoiceField[Any]", self.fields["provider"])
        issuers.queryset = Provider.issuers.filter(pk__in=seen.values("provider"))
        issuers.empty_label = _("All")

    @property
    def further(self) -> list[forms.BoundField]:
        """All fields but the month, which most look for."""
        return [field for field in self if field.name != "month"]

    def clean_month(self) -> Month | None:
        written = half_width(self.cleaned_data["month"]).strip()
        try:
            return Month.parse(written) if written else None
        except ValueError as error:
            text = _("“%(text)s” is not a month. Write it as in 2026-10.")
            raise ValidationError(text % {"text": written}) from error

    def found(self, invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
        """Those of the invoices that were searched for; fields with mistakes are left out."""
        given = getattr(self, "cleaned_data", {})
        wanted = {
            "month": given["month"].first if given.get("month") else None,
            "issued_on__gte": given.get("from_day"),
            "issued_on__lte": given.get("to_day"),
            "gross__gte": given.get("least"),
            "gross__lte": given.get("most"),
            "provider": given.get("provider"),
        }
        return invoices.filter(**{name: value for name, value in wanted.items() if value is not None})
