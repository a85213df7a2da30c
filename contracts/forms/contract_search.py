"""What customers search their contracts by."""

from datetime import date
from typing import Any, cast

from django import forms
from django.db.models import Q, QuerySet, TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contracts.forms.fields import half_width, without_keys
from contracts.models import Contract, Service


class Standing(TextChoices):
    GOING_ON = "going_on", gettext_lazy("Not ended")
    ENDED = "ended", gettext_lazy("Ended")


class ContractSearch(forms.Form):
    """Everything is optional, and all that is given holds at once; it is given what is seen."""

    number = forms.CharField(label=gettext_lazy("Contract number"), required=False, max_length=40)
    service = forms.ModelChoiceField(
        Service.objects.none(), label=gettext_lazy("Service"), required=False, to_field_name="slug"
    )
    standing = forms.ChoiceField(
        label=gettext_lazy("Status"), required=False, choices=[("", gettext_lazy("All")), *Standing.choices]
    )

    def __init__(self, seen: QuerySet[Contract], data: Any = None) -> None:
        super().__init__(data)
        self._seen = seen
        services = cast("forms.ModelChoiceField[Any]", self.fields["service"])
        services.queryset = Service.objects.filter(pk__in=seen.values("service"))
        services.empty_label = _("All")
        without_keys(self.fields.values())

    @property
    def is_used(self) -> bool:
        """Whether anything is searched for, with mistakes or without."""
        return any(self.data.get(name) for name in self.fields)

    def found(self, today: date) -> QuerySet[Contract]:
        """Those of the contracts that were searched for, the latest first; mistakes are left out."""
        given = getattr(self, "cleaned_data", {})
        found = self._seen.order_by("-number")
        if number := half_width(given.get("number") or ""):
            found = found.filter(number__icontains=number)
        if service := given.get("service"):
            found = found.filter(service=service)
        ended = Q(ends_on__lt=today)
        match given.get("standing"):
            case Standing.GOING_ON:
                return found.exclude(ended)
            case Standing.ENDED:
                return found.filter(ended)
            case _:
                return found
