"""What customers search their invoices by, among it day, amount and who issued them (電子帳簿保存法)."""

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet, TextChoices
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import Invoice
from billing.receivables.balances import State, in_state
from contracts.forms.fields import AmountField, DayField, half_width, without_keys
from contracts.models import Provider, Service
from contracts.rules.calendar.period import Month
from portal.organisations.models import Organisation


class HowPaid(TextChoices):
    """How far invoices are paid, as they are searched for. What is overdue may be paid in part."""

    OPEN = "open", gettext_lazy("Unpaid, all of them")
    PARTLY_PAID = "partly_paid", gettext_lazy("Partly paid")
    OVERDUE = "overdue", gettext_lazy("Overdue")
    PAID = "paid", gettext_lazy("Paid")


class Order(TextChoices):
    """In which order invoices are listed."""

    NEWEST = "newest", gettext_lazy("Latest month first")
    OLDEST = "oldest", gettext_lazy("Earliest month first")
    DUE = "due", gettext_lazy("Due first")
    LARGEST = "largest", gettext_lazy("Largest total first")
    MOST_OPEN = "most_open", gettext_lazy("Largest open amount first")


_COLUMNS: Mapping[str, tuple[str, ...]] = {
    Order.NEWEST: ("-month", "-number"),
    Order.OLDEST: ("month", "number"),
    Order.DUE: ("open_due_on", "number"),
    Order.LARGEST: ("-gross", "-number"),
    Order.MOST_OPEN: ("-open_amount", "open_due_on", "-number"),
}


def _day(label: Any) -> DayField:
    return DayField(
        label=label, required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )


class InvoiceSearch(forms.Form):
    """Everything is optional, and all that is given holds at once. Amounts are yen with tax.

    It is given the invoices that are seen, and who looks: only what an organisation owes itself is unpaid.
    """

    FIRST = ("payment", "year", "service", "provider", "order")

    payment = forms.ChoiceField(
        label=gettext_lazy("Payment"), required=False, choices=[("", gettext_lazy("All")), *HowPaid.choices]
    )
    year = forms.TypedChoiceField(
        label=gettext_lazy("Year of issue"), required=False, coerce=int, empty_value=None
    )
    service = forms.ModelChoiceField(
        Service.objects.none(), label=gettext_lazy("Service"), required=False, to_field_name="slug"
    )
    provider = forms.ModelChoiceField(
        Provider.objects.none(), label=gettext_lazy("Issued by"), required=False, to_field_name="code"
    )
    order = forms.ChoiceField(label=gettext_lazy("Sort by"), required=False, choices=Order.choices)
    month = forms.CharField(
        label=gettext_lazy("Month of use"),
        required=False,
        widget=forms.TextInput(attrs={"type": "month", "placeholder": "2026-10"}),
    )
    from_day = _day(gettext_lazy("Issued from"))
    to_day = _day(gettext_lazy("Issued until"))
    least = AmountField(label=gettext_lazy("Total from"), required=False)
    most = AmountField(label=gettext_lazy("Total up to"), required=False)

    def __init__(self, seen: QuerySet[Invoice], organisation: Organisation, data: Any = None) -> None:
        super().__init__(data)
        self._seen, self._organisation = seen, organisation
        issuers = cast("forms.ModelChoiceField[Any]", self.fields["provider"])
        issuers.queryset = Provider.issuers.filter(pk__in=seen.values("provider"))
        services = cast("forms.ModelChoiceField[Any]", self.fields["service"])
        services.queryset = Service.objects.filter(pk__in=seen.values("contract__service"))
        issuers.empty_label = services.empty_label = _("All")
        years = cast("forms.TypedChoiceField", self.fields["year"])
        years.choices = [("", _("All")), *((year, str(year)) for year in _years(seen))]
        without_keys(self.fields.values())

    @property
    def first(self) -> list[forms.BoundField]:
        """What most look for."""
        return [self[name] for name in self.FIRST]

    @property
    def further(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in self.FIRST]

    @property
    def is_used(self) -> bool:
        """Whether anything is searched for, by its field's name, with mistakes or without."""
        return any(self.data.get(name) for name in self.fields if name != "order")

    @property
    def is_used_further(self) -> bool:
        return any(self.data.get(field.name) for field in self.further)

    def clean_month(self) -> Month | None:
        written = half_width(self.cleaned_data["month"]).strip()
        try:
            return Month.parse(written) if written else None
        except ValueError as error:
            text = _("“%(text)s” is not a month. Write it as in 2026-10.")
            raise ValidationError(text % {"text": written}) from error

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if _is_before(given.get("to_day"), given.get("from_day")):
            self.add_error("to_day", _("The last day lies before the first."))
        if _is_before(given.get("most"), given.get("least")):
            self.add_error("most", _("This is less than the amount from which on is searched."))
        return given

    def found(self) -> QuerySet[Invoice]:
        """Those of the invoices that were searched for, in their order; fields with mistakes are left out."""
        given = getattr(self, "cleaned_data", {})
        wanted = {
            "issued_on__year": given.get("year"),
            "contract__service": given.get("service"),
            "provider": given.get("provider"),
            "month": given["month"].first if given.get("month") else None,
            "issued_on__gte": given.get("from_day"),
            "issued_on__lte": given.get("to_day"),
            "gross__gte": given.get("least"),
            "gross__lte": given.get("most"),
        }
        asked = {name: value for name, value in wanted.items() if value is not None}
        paid = self._paid_so_far(given.get("payment", ""))
        return self._seen.filter(paid, **asked).order_by(*_COLUMNS[given.get("order") or Order.NEWEST])

    def _paid_so_far(self, wanted: str) -> Q:
        own = Q(debtor=self._organisation)
        match wanted:
            case HowPaid.OPEN:
                return own & Q(open_amount__gt=0)
            case HowPaid.PARTLY_PAID:
                return own & Q(open_amount__gt=0, paid__gt=0)
            case HowPaid.OVERDUE:
                return own & in_state(State.OVERDUE, localdate())
            case HowPaid.PAID:
                return own & in_state(State.PAID, localdate())
            case _:
                return Q()


def _years(seen: QuerySet[Invoice]) -> list[int]:
    """The years in which invoices were issued, the latest first."""
    return [day.year for day in seen.dates("issued_on", "year", order="DESC")]


def _is_before(last: date | int | None, first: date | int | None) -> bool:
    return last is not None and first is not None and last < first  # type: ignore[operator]
