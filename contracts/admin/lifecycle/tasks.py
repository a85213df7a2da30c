"""Tasks: what staff do by a day, and the amounts that some of them bring."""

from collections.abc import Collection
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from contracts.admin.forms import ConfirmForm
from contracts.admin.html import contract_link, explained, link
from contracts.admin.lifecycle.forms import CostsForm, DispatchForm, NoteForm
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action
from contracts.admin.proposing import proposing
from contracts.approvals.charges import COSTS, DEVICE_CHARGE, CostsData, DeviceChargeData
from contracts.lifecycle.devices import dispatch_device, judge_device
from contracts.lifecycle.tasks import complete_task
from contracts.models import Claim, IssuedLetter, Task
from contracts.rules.decision import Decision
from contracts.wording.formats import day_text, yen_text
from contracts.wording.tasks import task_details
from portal.organisations.models import User

Kind = Task.Kind
AMOUNTS = (Kind.ENTER_COSTS, Kind.ENTER_FEE)
STATE_COLOURS = {"done": "success", "overdue": "danger", "open": "info"}


@admin.register(Task)
class TaskAdmin(ReadOnlyAdmin):
    list_display = ("shown_kind", "contract", "shown_organisation", "due_on", "shown_state", "done_by")
    list_display_links = ("shown_kind",)
    list_filter = ("kind", ("done_at", admin.EmptyFieldListFilter), "contract__service")
    search_fields = ("contract__number", "contract__organisation__name", "contract__organisation__kana")
    date_hierarchy = "due_on"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "kind",
                    "shown_contract",
                    "shown_organisation",
                    "due_on",
                    "shown_detail",
                )
            },
        ),
        (_("Decision of the rules"), {"fields": ("terms_version", "shown_decision")}),
        (_("What happened"), {"fields": ("created_at", "done_at", "done_by", "note", "shown_claim")}),
    )
    actions_detail = ("done", "costs", "charge", "dispatch")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Task]:
        return (
            super()
            .get_queryset(request)
            .select_related("contract__organisation", "contract__service", "done_by", "claim")
            .prefetch_related("terms_version__service")
        )

    def offered(self, obj: Task) -> Collection[str]:
        if obj.done_at:
            return ()
        if obj.kind in AMOUNTS:
            return ("costs",)
        if obj.kind == Kind.DEVICE_DISPATCH:
            return ("dispatch", "done") if obj.contract.ends_on else ("dispatch",)
        late_device = obj.kind == Kind.DEVICE_RETURN and obj.due_on < localdate()
        return ("done", "charge") if late_device else ("done",)

    @display(description=_("Task"), ordering="kind")
    def shown_kind(self, obj: Task) -> str:
        return obj.get_kind_display()

    @display(description=_("contract"))
    def shown_contract(self, obj: Task) -> str:
        return contract_link(obj.contract)

    @display(description=_("Organisation"))
    def shown_organisation(self, obj: Task) -> str:
        return str(obj.contract.organisation)

    @display(description=_("Status"), label=STATE_COLOURS)
    def shown_state(self, obj: Task) -> tuple[str, Any]:
        if obj.done_at:
            return "done", _("Done")
        return ("overdue", _("Overdue")) if obj.due_on < localdate() else ("open", _("To be done"))

    @display(description=_("Further details"))
    def shown_detail(self, obj: Task) -> str:
        said = task_details(obj) or "—"
        posted = IssuedLetter.objects.filter(number=obj.detail.get("letter", "")).first()
        if posted is None:
            return said
        return link(reverse("admin:contracts_issuedletter_change", args=[posted.pk]), said)

    @display(description=_("Decision of the rules"))
    def shown_decision(self, obj: Task) -> str:
        return explained(_decided_now(obj), obj.terms_version)

    @display(description=_("one-off claim"))
    def shown_claim(self, obj: Task) -> str:
        claim = Claim.objects.filter(task=obj).first()
        if claim is None:
            return "—"
        return link(reverse("admin:contracts_claim_change", args=[claim.pk]), yen_text(claim.net))

    @action(
        description=_("Done"),
        url_path="done",
        permissions=["act"],
        icon="task_alt",
        variant=ActionVariant.PRIMARY,
    )
    def done(self, request: HttpRequest, object_id: str) -> HttpResponse:
        task = self._task(request, object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            complete_task(task, staff, data["note"], now())
            return gettext("The task is done.")

        page = ActionPage(
            title=task.get_kind_display(), button=_("Done"), form=NoteForm, act=act, facts=self._facts(task)
        )
        return run_action(self, request, object_id, page)

    @action(
        description=_("Enter the amount"),
        url_path="costs",
        permissions=["act"],
        icon="request_quote",
        variant=ActionVariant.PRIMARY,
    )
    def costs(self, request: HttpRequest, object_id: str) -> HttpResponse:
        task = self._task(request, object_id)

        page = ActionPage(
            title=task.get_kind_display(),
            button=_("Propose"),
            form=CostsForm,
            act=proposing(request, COSTS, lambda data: CostsData(task=task.pk, **data)),
            facts=self._facts(task),
            kind=COSTS,
        )
        return run_action(self, request, object_id, page)

    @action(
        description=_("Charge the penalty"),
        url_path="charge",
        permissions=["act"],
        icon="gavel",
        variant=ActionVariant.DANGER,
    )
    def charge(self, request: HttpRequest, object_id: str) -> HttpResponse:
        task = self._task(request, object_id)

        page = ActionPage(
            title=_("Charge the penalty"),
            button=_("Propose"),
            form=ConfirmForm,
            act=proposing(request, DEVICE_CHARGE, lambda data: DeviceChargeData(task=task.pk)),
            facts=self._facts(task),
            kind=DEVICE_CHARGE,
            danger=True,
        )
        return run_action(self, request, object_id, page)

    @action(
        description=_("The device was sent"),
        url_path="dispatch",
        permissions=["act"],
        icon="local_shipping",
        variant=ActionVariant.PRIMARY,
    )
    def dispatch(self, request: HttpRequest, object_id: str) -> HttpResponse:
        task = self._task(request, object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            dispatch_device(task, staff, data["dispatched_on"], now())
            return gettext("The device was sent on %(day)s.") % {"day": day_text(data["dispatched_on"])}

        page = ActionPage(
            title=task.get_kind_display(),
            button=_("Record"),
            form=partial(DispatchForm, initial={"dispatched_on": localdate()}),
            act=act,
            facts=self._facts(task),
        )
        return run_action(self, request, object_id, page)

    def _task(self, request: HttpRequest, object_id: str) -> Task:
        return get_object_or_404(self.get_queryset(request), pk=object_id)

    def _facts(self, task: Task) -> list[tuple[Any, Any]]:
        return [
            (_("Contract number"), task.contract.number),
            (_("Organisation"), task.contract.organisation),
            (_("Due on"), day_text(task.due_on)),
            (_("Further details"), self.shown_detail(task)),
            (_("Decision of the rules"), self.shown_decision(task)),
        ]


def _decided_now(task: Task) -> Decision | None:
    """What its rule says today: of a device that was not sent back in time, what that costs."""
    if task.kind == Kind.DEVICE_RETURN and not task.done_at and task.due_on < localdate():
        return judge_device(task, localdate())
    return task.decided
