"""Fields of the admin whose values are keys; the library looks up whatever was sent."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError

from portal.typed import whole_number


def _is_key(value: Any) -> bool:
    return whole_number(str(value)) is not None


class SearchedSelect(AutocompleteSelect):
    """Searches while somebody types. What is no key is left out when a form is shown again."""

    def optgroups(self, name: str, value: Sequence[str], attr: dict[str, Any] | None = None) -> list[Any]:
        return super().optgroups(name, [one for one in value if _is_key(one)], attr)


class ChosenField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg] # none at run time
    """Several objects by their keys. What is no key is no choice."""

    def clean(self, value: Any) -> Any:
        for one in value or ():
            if not _is_key(one):
                raise ValidationError(
                    self.error_messages["invalid_choice"], code="invalid_choice", params={"value": one}
                )
        return super().clean(value)
