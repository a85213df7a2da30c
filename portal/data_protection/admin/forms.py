"""What staff enter about data protection."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from contracts.deciding.customers import ensure_all_theirs
from contracts.forms.fields import DayField
from portal.data_protection.proposed import WAYS
from portal.organisations.models import Organisation, User
from portal.retention.kinds import kind_of
from portal.staffing.admin import ReachedField


class PeriodForm(forms.Form):
    """For how many days something is kept."""

    days = forms.IntegerField(
        label=_("Days"),
        help_text=_("A shorter time takes a second person: what is over then waits to be erased."),
        widget=UnfoldAdminIntegerFieldWidget,
    )
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=UnfoldAdminTextareaWidget)


class WhomField(ReachedField, forms.CharField):
    """Somebody among those whom staff reach."""


class SomebodyForm(forms.Form):
    """A person by an e-mail address, or an organisation by its corporate number or its whole name."""

    whom = WhomField(
        label=_("Person or organisation"),
        max_length=254,
        help_text=_("A person's e-mail address, or an organisation's corporate number or whole name."),
        widget=UnfoldAdminTextInputWidget,
    )

    def clean_whom(self) -> User | Organisation:
        typed = self.cleaned_data["whom"].strip()
        if "@" in typed:
            found: Any = User.objects.filter(email__iexact=typed)
        else:
            found = Organisation.objects.filter(name=typed) | Organisation.objects.filter(
                corporate_number=typed
            ).exclude(corporate_number="")
        field = cast(WhomField, self.fields["whom"])
        somebody = list(field.reached(found)[:2])
        if not somebody:
            raise forms.ValidationError(_("Nobody is known by this. Check the spelling."), code="unknown")
        if len(somebody) > 1:
            raise forms.ValidationError(
                _("Several organisations have this name. Enter the corporate number."), code="several"
            )
        known: User | Organisation = somebody[0]
        if field.staff:
            ensure_all_theirs(field.staff, known)
        return known


class CopyForm(SomebodyForm):
    """Whom a copy is for, and which request it answers."""

    reason = forms.CharField(
        label=_("Request that it answers"),
        max_length=500,
        help_text=_("Who asked, when, and how it was made sure who it is."),
        widget=UnfoldAdminTextareaWidget,
    )


class ErasureForm(forms.Form):
    """What somebody asked to have erased, when and how."""

    asked_on = DayField(label=_("Asked on"), widget=UnfoldAdminSingleDateWidget)
    way = forms.ChoiceField(
        label=_("How they asked"), choices=list(WAYS.items()), widget=UnfoldAdminSelectWidget
    )
    kinds = forms.MultipleChoiceField(label=_("What is to be erased"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, kinds: Sequence[str], chosen: Sequence[str], data: Any = None) -> None:
        super().__init__(data, initial={"kinds": list(chosen)})
        choices = [(key, str(kind_of(key).what)) for key in kinds]
        self.fields["kinds"].choices = choices  # type: ignore[attr-defined]
