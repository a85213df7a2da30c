"""What is chosen to take a list out: columns, and the format of the file."""

from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from portal.audit.exports.lists import ListOut
from portal.formats.spreadsheets import UNKNOWN, Format


class ExportForm(forms.Form):
    columns = forms.MultipleChoiceField(
        label=pgettext_lazy("of a file", "Columns"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one column.")},
    )
    format = forms.ChoiceField(
        label=_("Format"), choices=Format.choices, initial=Format.XLSX, widget=UnfoldAdminSelectWidget
    )

    def __init__(self, taken: ListOut, data: Any = None) -> None:
        ticked = [column.key for column in taken.columns if column.ticked]
        super().__init__(data, initial={"columns": ticked})
        columns: Any = self.fields["columns"]
        columns.choices = [(column.key, column.heading) for column in taken.columns]
        self.fields["format"].help_text = gettext(
            "CSV in Shift_JIS has %(unknown)s in place of letters that Shift_JIS lacks; the others keep them."
        ) % {"unknown": UNKNOWN}
