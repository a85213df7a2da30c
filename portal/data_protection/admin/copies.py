"""Copies of what is held, made by staff for who asked."""

from typing import Any, cast

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from contracts.admin.html import link
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_list_action
from portal.data_protection.admin.forms import CopyForm
from portal.data_protection.copies.asking import MAKES, ask_for_copy
from portal.data_protection.models import DataCopy
from portal.data_protection.tasks import make_soon
from portal.organisations.models import User


@admin.register(DataCopy)
class DataCopyAdmin(ReadOnlyAdmin):
    list_display = ("asked_at", "shown_subject", "asked_by", "shown_state")
    list_select_related = ("person", "organisation", "asked_by")
    date_hierarchy = "asked_at"
    fields = (
        "shown_subject",
        "reason",
        "asked_by",
        "asked_at",
        "shown_state",
        "made_at",
        "expires_at",
        "shown_file",
        "trouble",
    )
    actions_list = ("make",)

    def has_make_permission(self, request: HttpRequest) -> bool:
        return cast(User, request.user).has_perm(MAKES)

    @display(description=_("About"))
    def shown_subject(self, obj: DataCopy) -> str:
        return str(obj.subject)

    @display(description=_("Status"))
    def shown_state(self, obj: DataCopy) -> str:
        steps = f" {obj.done} / {obj.of}" if obj.state == DataCopy.State.BEING_MADE and obj.of else ""
        return f"{obj.state.label}{steps}"

    @display(description=_("File"))
    def shown_file(self, obj: DataCopy) -> str:
        if not (obj.is_ready and obj.reason):
            return "—"
        return link(reverse("data_protection:copy-file", args=[obj.pk]), _("Download"))

    @action(
        description=_("Make a copy for who asked"),
        url_path="make",
        permissions=["make"],
        icon="folder_zip",
        variant=ActionVariant.PRIMARY,
    )
    def make(self, request: HttpRequest) -> HttpResponse:
        def act(staff: User, data: dict[str, Any]) -> str:
            copy = ask_for_copy(data["whom"], staff, now(), reason=data["reason"])
            transaction.on_commit(lambda: make_soon(copy))
            return gettext("The file is being made. It will be listed here.")

        page = ActionPage(
            title=_("Copy of what is held about somebody"),
            button=_("Have the file made"),
            form=CopyForm,
            act=act,
            facts=[
                (_("By law"), _("個人情報保護法33条: without delay, to the person or their representative"))
            ],
        )
        return run_list_action(self, request, page)
