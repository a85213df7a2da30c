"""The staff's page on which an organisation is united with another that turned out to be the same."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import ForeignKey
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from contracts.admin.pages import ActionPage, run_action
from contracts.admin.proposing import proposing
from contracts.deciding.customers import ensure_all_theirs
from contracts.inbox.lookalikes import organisations_like
from portal.organisations.models import Membership, Organisation, User
from portal.organisations.widgets import SearchedSelect
from portal.staffing.reach import within
from portal.uniting.approval import UNITED, UnitingData, lines
from portal.uniting.unite import ensure_unitable


class UnitingForm(forms.Form):
    """The organisation that becomes part of the one whose page it is."""

    alike = forms.ChoiceField(
        label=_("Organisation that is the same"),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=_("Offered are organisations of the same corporate number, name or kana."),
    )
    united = forms.ModelChoiceField(
        Organisation.objects.all(),
        label=_("Another organisation in the portal"),
        required=False,
        help_text=_("Search by name, kana, corporate number or e-mail address."),
    )

    def __init__(self, kept: Organisation, staff: User, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        organisation = cast("ForeignKey[Any, Any]", Membership._meta.get_field("organisation"))
        searched = cast("forms.ModelChoiceField[Any]", self.fields["united"])
        searched.widget = SearchedSelect(organisation, admin.site, choices=searched.choices)
        found = within(staff, organisations_like(kept)).exclude(pk=kept.pk)
        offered = [(str(one.pk), f"{one.name}（{one.address}、{one.pk}）") for one in found]
        cast(forms.ChoiceField, self.fields["alike"]).choices = [("", "—"), *offered]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        offered, other = typed.get("alike"), typed.get("united")
        if offered and other and str(other.pk) != offered:
            raise forms.ValidationError({"united": gettext("Choose one organisation, here or above.")})
        if not offered and not other and not self.errors:
            raise forms.ValidationError({"united": gettext("Choose one organisation, here or above.")})
        if offered and not other:
            typed["united"] = Organisation.objects.get(pk=offered)
        return typed


def unite_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose the other organisation, look at what becomes of all that is its own, propose it."""
    site = admin.site._registry[Organisation]
    if not site.has_change_permission(request):
        raise PermissionDenied
    kept = get_object_or_404(Organisation, pk=pk)
    staff = cast(User, request.user)

    def wanted(data: dict[str, Any]) -> UnitingData:
        return UnitingData(kept=kept.pk, united=data["united"].pk)

    def preview(data: dict[str, Any]) -> list[tuple[Any, Any]]:
        ensure_unitable(kept, data["united"])
        ensure_all_theirs(staff, kept, data["united"])
        return [(line.label, f"{line.before} → {line.after}") for line in lines(wanted(data))]

    page = ActionPage(
        title=_("Unite with another organisation"),
        button=_("Propose"),
        form=lambda data=None, **more: UnitingForm(kept, staff, data, **more),
        act=proposing(request, UNITED, wanted),
        facts=[(_("Stays"), f"{kept} ({kept.pk})"), (_("Address"), kept.address)],
        preview=preview,
        danger=True,
        kind=UNITED,
    )
    return run_action(cast(Any, site), request, str(pk), page)
