"""The account of a person as staff keep it, with the providers that they work for."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from portal.organisations.desk.operations import assignable, ensure_not_own_rights
from portal.organisations.models import User
from portal.organisations.widgets import ChosenField
from portal.staffing.models import Belonging

_GIVEN = ("groups", "user_permissions", "providers")
_SWITCHED = ("is_staff", "is_superuser")


class PersonForm(forms.ModelForm):  # type: ignore[type-arg] # none at run time
    """`staff` is who fills it in; the admin makes a class of it for each request."""

    staff: User
    providers = ChosenField(
        Belonging.objects.none(),
        label=_("Providers"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("Staff see and do what is of these providers; nothing of others."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = cast("forms.ModelMultipleChoiceField[Any]", self.fields["providers"])
        offered.queryset = assignable(self.staff)
        if self.instance.pk:
            offered.initial = list(self.instance.belongings.values_list("provider", flat=True))

    def clean(self) -> dict[str, Any]:
        """Nobody gives a role or a provider to themself, nor makes themself staff or superuser."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name in self.fields.keys() & cleaned.keys() & {*_GIVEN, *_SWITCHED}:
            try:
                ensure_not_own_rights(self.instance, self.staff, self._given(name, cleaned[name]))
            except ValidationError as refused:
                self.add_error(name, refused)
        return cleaned

    def _given(self, name: str, chosen: Any) -> set[Any]:
        """What the person does not have yet."""
        if name in _SWITCHED:
            return {chosen} if chosen and not self.initial.get(name) else set()
        if name == "providers":
            return {one.pk for one in chosen} - set(self.fields["providers"].initial or ())
        return set(chosen) - set(self.initial.get(name) or ())
