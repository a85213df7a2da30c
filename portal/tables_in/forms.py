"""The form in which a table is brought."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget

from portal.staffing.reach import within
from portal.tables_in.models import TableImport


class TableForm(forms.Form):
    """A file, and for whom it is where somebody works for several providers."""

    provider: Any = forms.ModelChoiceField(
        queryset=None, label=_("provider"), empty_label=None, widget=UnfoldAdminSelectWidget
    )
    file = forms.FileField(
        label=_("File"),
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("An Excel workbook (.xlsx), or CSV in UTF-8 or Shift_JIS. At most 20 MB."),
    )

    def __init__(self, staff: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        provider: Any = self.fields["provider"]
        provider.queryset = providers_for(staff)
        if provider.queryset.count() == 1:
            provider.initial, provider.widget = provider.queryset.get().pk, forms.HiddenInput()


def providers_for(staff: Any) -> Any:
    """The providers for which somebody brings tables in."""
    model: Any = TableImport._meta.get_field("provider").related_model
    return within(staff, model.objects.prefetch_related("particulars").order_by("pk"))
