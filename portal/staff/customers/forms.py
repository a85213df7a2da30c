"""The note that staff write on a customer."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from contracts.customers.notes import LONGEST
from contracts.models import Provider
from portal.organisations.models import User
from portal.staffing.reach import within


class NoteForm(forms.Form):
    """What is to be known, and for whose staff; who works for one provider alone is not asked."""

    text = forms.CharField(
        label=_("New note"),
        max_length=LONGEST,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("For colleagues. Customers see it in a copy of their data alone."),
    )
    for_provider = forms.ModelChoiceField(
        Provider.objects.none(), label=_("For the staff of"), widget=UnfoldAdminSelectWidget
    )

    def __init__(self, staff: User, data: Any = None) -> None:
        super().__init__(data)
        self._providers = list(within(staff, Provider.objects.all()))
        if len(self._providers) == 1:
            del self.fields["for_provider"]
        else:
            field = cast("forms.ModelChoiceField[Provider]", self.fields["for_provider"])
            field.queryset = within(staff, Provider.objects.all())

    @property
    def provider(self) -> Provider:
        """For whose staff the note is, once the form is valid."""
        chosen = self.cleaned_data.get("for_provider")
        return cast(Provider, chosen) if chosen else self._providers[0]
