"""What readers choose of a service's published versions: two to compare, or a day."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from contracts.forms.fields import DayField
from contracts.models import TermsVersion

NEW_ON = [("left", _("New text on the left")), ("right", _("New text on the right"))]


class CompareForm(forms.Form):
    """Two versions of one service, and the side of the new one. `defaults` fill what is not given."""

    old = forms.ChoiceField(label=_("Old version"))
    new = forms.ChoiceField(label=_("New version"))
    new_on = forms.ChoiceField(label=_("Columns"), choices=NEW_ON)

    def __init__(self, versions: Sequence[TermsVersion], data: Any, defaults: dict[str, str]) -> None:
        super().__init__({**defaults, **{name: data[name] for name in self.base_fields if data.get(name)}})
        choices = [(version.name, version.name) for version in versions]
        for name in ("old", "new"):
            field = cast(forms.ChoiceField, self.fields[name])
            field.choices = choices
            field.error_messages["invalid_choice"] = _("There is no published version %(value)s.")
        self._versions = {version.name: version for version in versions}

    def clean(self) -> dict[str, Any]:
        chosen = super().clean() or self.cleaned_data
        if chosen.get("old") and chosen.get("old") == chosen.get("new"):
            self.add_error("new", _("Choose two different versions."))
        return chosen

    @property
    def sides(self) -> tuple[TermsVersion, TermsVersion]:
        """The old and the new version; only of a valid form."""
        return self._versions[self.cleaned_data["old"]], self._versions[self.cleaned_data["new"]]


class DayForm(forms.Form):
    on = DayField(
        label=_("Date"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), required=True
    )
