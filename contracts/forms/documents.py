"""The form with which documents are handed in."""

from collections.abc import Callable

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from contracts.forms.problems import add_problems
from contracts.models import ContractDocument


class DocumentForm(forms.Form):
    """One file; the operation checks its size and what it really is."""

    file = forms.FileField(
        label=_("Document"),
        help_text=_("PDF, PNG or JPEG, up to 10 MB."),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg"}),
    )

    def stored(self, store: Callable[[str, bytes], ContractDocument]) -> bool:
        """Hand the file to an operation; False where it is not taken, with the reason at the field."""
        if not self.is_valid():
            return False
        file = self.cleaned_data["file"]
        try:
            store(file.name, file.read())
        except ValidationError as error:
            add_problems(self, error)
            return False
        return True
