"""Pages of the desk about people, beside those of the admin: a lost second factor."""

from typing import Any, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.forms import CharField, Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextareaWidget

from contracts.admin.pages import ActionPage, run_action
from contracts.admin.proposing import proposing
from portal.organisations.models import User
from portal.staff.factor_reset import FACTOR_RESET, FactorResetData


class LostFactorForm(Form):
    reason = CharField(
        label=_("Reason"),
        max_length=500,
        widget=UnfoldAdminTextareaWidget,
        help_text=_("How you know that it is the person who asks, such as a call back to a known number."),
    )


def reset_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose that a lost second factor is taken from somebody's account."""
    people = cast(ModelAdmin, admin.site._registry[User])
    person: User = get_object_or_404(people.get_queryset(request), pk=pk)
    if not people.has_change_permission(request, person):
        raise PermissionDenied

    def wanted(data: dict[str, Any]) -> FactorResetData:
        return FactorResetData(person=pk, reason=data["reason"])

    page = ActionPage(
        title=_("Remove a lost second factor"),
        button=_("Propose"),
        form=LostFactorForm,
        act=proposing(request, FACTOR_RESET, wanted),
        facts=[(_("person"), person)],
        danger=True,
        kind=FACTOR_RESET,
    )
    return run_action(people, request, str(pk), page)
