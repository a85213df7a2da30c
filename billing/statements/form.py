"""What is typed to ask for a statement of account."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.statements.asking import MOST_MOVEMENTS
from contracts.forms.fields import DayField
from contracts.rules.calendar.period import Month

_USUAL_MONTHS = 3


class StatementForm(forms.Form):
    """The first and the last day; what is not given is that of this month and the two before, up to today."""

    def __init__(self, given: Any, today: date) -> None:
        usual = {"from": (Month.of(today) + (1 - _USUAL_MONTHS)).first, "to": today}
        super().__init__({name: given.get(name) or day.isoformat() for name, day in usual.items()})
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        self.fields["from"] = DayField(label=_("Statement from"), widget=widget)
        self.fields["to"] = DayField(label=_("Statement to"), widget=widget, help_text=_most_that_fit())

    def clean(self) -> dict[str, Any]:
        days = super().clean() or self.cleaned_data
        if "from" in days and "to" in days and days["to"] < days["from"]:
            self.add_error("to", _("The last day lies before the first."))
        return days


def _most_that_fit() -> str:
    text = gettext("A statement lists at most %(most)s movements. For more, ask for shorter times, one each.")
    return text % {"most": f"{MOST_MOVEMENTS:,}"}
