"""What staff type to bring running contracts in, and to annul that."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from contracts.models import Provider
from portal.formats.tables import LARGEST_FILE


class _FilesInput(UnfoldAdminFileFieldWidget):  # type: ignore[misc]
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file, or several at once; each with its name."""

    def clean(self, data: Any, initial: Any = None) -> list[tuple[str, bytes]]:
        chosen = data if isinstance(data, list | tuple) else [data]
        found = [super(FilesField, self).clean(one, initial) for one in chosen]
        if sum(one.size for one in found) > LARGEST_FILE:
            raise forms.ValidationError(_("The files are larger than can be taken at once. Divide them."))
        return [(one.name, one.read()) for one in found]


class FilesForm(forms.Form):
    provider = forms.ModelChoiceField(
        Provider.objects.prefetch_related("particulars"),
        label=_("provider"),
        empty_label=None,
        widget=UnfoldAdminSelectWidget,
    )
    chosen = FilesField(
        label=_("Files"),
        help_text=_(
            "A workbook (XLSX) with the sheets of the template, or a file of CSV (UTF-8 or Shift_JIS) for"
            " each sheet, several at once or as a ZIP."
        ),
        widget=_FilesInput(attrs={"multiple": True}),
    )


class AnnulmentForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), widget=UnfoldAdminTextareaWidget)
