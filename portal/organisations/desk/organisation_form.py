"""What staff change of an organisation: another name of the same party, never another party."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldBooleanWidget

from portal.organisations.company.entered import ensure_same_party


class _Said(forms.BooleanField):
    """What is said with the form, and no part of what it changes."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class OrganisationForm(forms.ModelForm):  # type: ignore[type-arg] # none at run time
    """Another name has to be said to be that of the same party: a change of the party (名義変更) is none."""

    same_party = _Said(
        label=_("The name alone changes; the customer is the same company, body or person"),
        required=False,
        widget=UnfoldBooleanWidget,
        help_text=_(
            "Where another one takes its place, by a merger, a split, an inheritance or a transfer, this is a"
            " succession: enter it as a request on each contract, with the document that proves it."
        ),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.instance.pk and "name" in cleaned:
            try:
                ensure_same_party(self.initial["name"], cleaned["name"], said=bool(cleaned.get("same_party")))
            except ValidationError as error:
                self.add_error("same_party", error)
        return cleaned
