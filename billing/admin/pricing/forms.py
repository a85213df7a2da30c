"""What staff enter for prices, and for usage that was refused."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.import_export.forms import ImportForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from billing.admin.forms import contract_field, day_field, reason_field, yen_field
from billing.models import RefusedUsage
from billing.pricing.price_notices import price_notices
from billing.pricing.usage_rows import COLUMNS, Refusal, heading_of
from contracts.forms.fields import MomentField
from contracts.models import Notice, Service
from contracts.wording.formats import day_text, moment_text
from contracts.wording.sentences import WORDS


class SpecialPriceForm(forms.Form):
    contract = contract_field()
    product = forms.SlugField(label=_("Product"), widget=UnfoldAdminTextInputWidget)
    unit_price = yen_field(_("Unit price (without tax)"))
    starts_on = day_field(_("Starts on"))
    ends_on = day_field(_("Ends on"), required=False)
    reason = reason_field()


class EndForm(forms.Form):
    ends_on = day_field(_("Last day"))


if TYPE_CHECKING:
    NoticeChoice = forms.ModelChoiceField[Notice]
else:
    NoticeChoice = forms.ModelChoiceField


class _NoticeField(NoticeChoice):
    """A notice of a change of prices that was sent."""

    def label_from_instance(self, obj: Notice) -> str:
        shown = {
            "service": obj.service,
            "notice": obj.subject,
            "day": day_text(obj.effective_on),
            "sent": moment_text(cast(datetime, obj.sent_at)),
        }
        return gettext("%(service)s: %(notice)s, from %(day)s on (sent %(sent)s)") % shown


def _moment_input() -> UnfoldAdminTextInputWidget:
    return UnfoldAdminTextInputWidget(attrs={"placeholder": "2026-10-05 09:30"})


class PriceChangeForm(forms.Form):
    service = forms.ModelChoiceField(
        Service.objects.all(), label=_("service"), empty_label=None, widget=UnfoldAdminSelectWidget
    )
    source = forms.CharField(
        label=_("Price list"), widget=UnfoldAdminTextareaWidget(attrs={"rows": 20}), help_text=_("TOML")
    )
    notice = _NoticeField(
        price_notices(),
        label=_("Notice of the prices"),
        required=False,
        empty_label=_("Told otherwise, or nobody had to be told"),
        widget=UnfoldAdminSelectWidget,
        help_text=_("The ledger then says for which contracts it took effect, and when."),
    )
    channel = forms.ChoiceField(
        label=_("Told otherwise by"),
        choices=[("", "—"), *WORDS["channel"].items()],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    sent_at = MomentField(label=_("Notice sent at"), required=False, widget=_moment_input())
    arrived_at = MomentField(label=_("Notice arrived at"), required=False, widget=_moment_input())
    evidence = reason_field(
        label=_("What proves it"),
        required=False,
        help_text=_("Such as the record of delivery; the second person checks it."),
    )
    override_reason = reason_field(
        label=_("Reason for a notice that is too late"),
        required=False,
        help_text=_("Only managers may change prices although the notice is too late."),
    )

    def clean(self) -> dict[str, Any]:
        """How customers were told otherwise is stated whole, or not at all."""
        data = super().clean() or {}
        otherwise = data.get("channel") or data.get("sent_at")
        if otherwise and not data.get("notice"):
            for name in ("channel", "sent_at"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, gettext("State by which channel and when customers were told."))
        return data


class CorrectedRowForm(forms.Form):
    """The cells of a refused row, each with what is wrong with it beside."""

    def __init__(self, data: Any = None, *, row: RefusedUsage) -> None:
        super().__init__(data)
        wrong: dict[str, list[str]] = {}
        for reason in map(Refusal, row.reasons):
            wrong.setdefault(reason.column, []).append(str(reason.label))
        for name in COLUMNS:
            self.fields[name] = forms.CharField(
                label=heading_of(name),
                initial=row.values.get(name, ""),
                required=False,
                max_length=200,
                widget=UnfoldAdminTextInputWidget,
                help_text=_to_correct(wrong.get(name, ())),
            )


def _to_correct(problems: Iterable[str]) -> str:
    text = " ".join(problems)
    return gettext("To correct: %(problem)s") % {"problem": text} if text else ""


class UsageFileForm(ImportForm):  # type: ignore[misc] # untyped
    """A file of usage; what it is, is recognised from it, so that nobody is asked for its format."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["format"].widget = forms.HiddenInput()
        self.fields["format"].initial = "0"


class SettlementForm(forms.Form):
    settlement = reason_field(label=_("How it was settled"))
