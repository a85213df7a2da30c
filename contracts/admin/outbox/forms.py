"""What staff enter about an e-mail."""

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from contracts.admin.forms import MomentForm


class WentOutForm(MomentForm):
    evidence = forms.CharField(
        label=_("How you know"),
        widget=UnfoldAdminTextareaWidget,
        help_text=_("The line of the mail server's log, for example. It is kept in the audit trail."),
    )
