"""What the forms of requests have in common: a wanted day, and what they hold for the operations."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from contracts.forms.fields import DayField, without_keys
from contracts.requests.data import RequestData
from contracts.requests.offer import Offer


class PatientForm(forms.Form):
    """A form that says in our words what is missing, and whose errors can wait."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if field.error_messages["required"] == forms.Field.default_error_messages["required"]:
                chosen = isinstance(field, forms.ChoiceField)
                field.error_messages["required"] = _("Choose one.") if chosen else _("Enter this.")
        without_keys(self.fields.values())

    def without_errors(self) -> None:
        """Take what was typed as it is, for a person who has not finished yet."""
        self._errors = ErrorDict()


class RequestForm(PatientForm):
    """A request of one kind. It parses what was typed; operations decide whether it may be sent."""

    wanted_on = DayField(
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={
            "required": _("Enter the day."),
            "invalid": _("Enter a day, as in 2026-11-01."),
        },
    )

    def __init__(self, offer: Offer, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.offer = offer
        self.fields["wanted_on"].label = offer.day_label
        self.fields["wanted_on"].initial = offer.possibility.earliest_on

    @staticmethod
    def with_one_more(data: Mapping[str, Any]) -> Mapping[str, Any]:
        """What was typed, with room for one more of what can be there several times."""
        return data

    def request_data(self) -> RequestData:
        """What was entered, for the operations; only of a valid form."""
        raise NotImplementedError

    def typed(self, *names: str) -> dict[str, Any]:
        """What was entered in some fields, by their names; only of a valid form."""
        return {name: self.cleaned_data[name] for name in names}

    @property
    def day(self) -> date | None:
        """The wanted day that is in the form; None where there is none, or none that can be read."""
        shown = self["wanted_on"].value()
        try:
            found: date | None = self.fields["wanted_on"].clean(shown)
        except forms.ValidationError:
            return None
        return found

    def as_hidden(self) -> SafeString:
        """Everything that was typed, in hidden fields."""
        return format_html_join("", "{}", ((field.as_hidden(attrs={"id": False}),) for field in self))
