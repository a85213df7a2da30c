"""The form on a change of the contents: from which day on, and how many of each product."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contracts.forms.fields import DayField, QuantityField
from contracts.requests.changing.judging import Wanted
from contracts.requests.changing.rows import Changeable, OfferedRow
from contracts.requests.form import PatientForm
from contracts.requests.product_change import Fewer, More

_DAY = "starts_on"


class ShownRow(NamedTuple):
    """A row of the form; `field` is None where nothing can be changed. `shown` names what there was."""

    offered: OfferedRow
    field: forms.BoundField | None
    shown: str


class ChangeForm(PatientForm):
    """The totals that are wanted of a contract's products from a day on.

    How many there were when the page was shown comes back with it: what nobody changed stays as it is, also
    where the contract holds another number on another day.
    """

    starts_on = DayField(
        label=gettext_lazy("From which day"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={
            "required": gettext_lazy("Enter the day."),
            "invalid": gettext_lazy("Enter a day, as in 2026-11-01."),
        },
    )
    ids_deleted = forms.BooleanField(
        label=gettext_lazy("We have deleted the user IDs that are no longer needed."), required=False
    )
    how = forms.ChoiceField(
        label=gettext_lazy("If several things change"),
        choices=[
            ("together", gettext_lazy("Together or not at all")),
            ("each", gettext_lazy("Each for itself")),
        ],
        initial="together",
        required=False,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("Together or not at all: where one of them is refused, none of them counts."),
    )

    def __init__(self, changeable: Changeable, data: Mapping[str, Any] | None = None) -> None:
        self.changeable = changeable
        self.day = _day_of(data) or changeable.first_day
        self.groups = changeable.groups_on(self.day)
        super().__init__(_as_of_the_day(data, self._offered()) if data is not None else None)
        self.fields[_DAY].initial = self.day
        if not changeable.asks_for_deleted_ids:
            del self.fields["ids_deleted"]
        for offered in self._offered():
            if offered.row.ways:
                self.fields[_name(offered)] = _quantity_field(offered)

    def _offered(self) -> Iterator[OfferedRow]:
        for _label, rows in self.groups:
            yield from rows

    def shown_groups(self) -> list[tuple[object, list[ShownRow]]]:
        """The rows of the page, under the labels of their groups."""
        return [(label, [self._shown(one) for one in rows]) for label, rows in self.groups]

    def _shown(self, offered: OfferedRow) -> ShownRow:
        field = self[_name(offered)] if offered.row.ways else None
        return ShownRow(offered, field, _name_of_shown(offered.key))

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or {}
        for offered in self._offered():
            if offered.row.ways and typed.get(_name(offered)) is not None:
                self._check_total(offered, typed[_name(offered)])
        if not self.errors and self.wanted.totals == self._held():
            raise ValidationError(_("Change at least one quantity."), code="nothing_changes")
        return typed

    def _check_total(self, offered: OfferedRow, total: int) -> None:
        row = offered.row
        if total == row.held or row.way_to(total):
            return
        self.add_error(_name(offered), self._wrong(offered, total))

    def _wrong(self, offered: OfferedRow, total: int) -> str:
        """What to enter instead of a total that no way leads to, as the kind says that changes it so."""
        row = offered.row
        family = More if total > row.held else Fewer
        for kind, _offer in self.changeable.offers:
            way = next((one for one in row.ways if one.kind == kind.key), None)
            if way and isinstance(kind, family):
                return kind.wrong_total(total, row.held, way.totals)
        return offered.limit

    def _held(self) -> dict[str, int]:
        return {one.key: one.row.held for one in self._offered() if one.row.ways}

    @property
    def wanted(self) -> Wanted:
        """What was entered; only of a form whose fields could be read."""
        typed = self.cleaned_data
        totals = {one.key: typed.get(_name(one)) or 0 for one in self._offered() if one.row.ways}
        return Wanted(typed[_DAY], totals, typed.get("ids_deleted", False))

    @property
    def all_or_nothing(self) -> bool:
        return bool(self.cleaned_data.get("how") != "each")

    def as_hidden(self) -> SafeString:
        """All that was typed, in hidden fields."""
        typed = format_html_join("", "{}", ((field.as_hidden(attrs={"id": False}),) for field in self))
        shown = format_html_join(
            "",
            '<input type="hidden" name="{}" value="{}">',
            ((_name_of_shown(key), held) for key, held in self._held().items()),
        )
        return typed + shown


def _name(offered: OfferedRow) -> str:
    return f"total-{offered.key}"


def _name_of_shown(key: str) -> str:
    return f"shown-{key}"


def _quantity_field(offered: OfferedRow) -> QuantityField:
    once = offered.once
    return QuantityField(
        label=offered.line.name,
        min_value=0,
        initial=0 if once else offered.row.held,
        required=not once,
        error_messages={
            "required": gettext_lazy("Enter a number; 0 to give it up."),
            "invalid": gettext_lazy("Enter a whole number, in digits alone."),
        },
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "quantity", "autocomplete": "off"}),
    )


def _day_of(data: Mapping[str, Any] | None) -> date | None:
    """The day that was typed; None where there is none, or none that can be read."""
    try:
        found: date | None = DayField(required=False).clean((data or {}).get(_DAY))
    except ValidationError:
        return None
    return found


def _as_of_the_day(data: Mapping[str, Any], offered: Iterator[OfferedRow]) -> dict[str, Any]:
    """What was typed; where nobody changed a number, how many there are on the day in its place."""
    settled = dict(data.items())
    for one in offered:
        name, shown = _name(one), data.get(_name_of_shown(one.key))
        if name not in data or (not one.once and data[name] == shown):
            settled[name] = str(one.row.held)
    return settled
