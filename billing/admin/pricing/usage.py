"""Usage: imported from files with a preview, and the rows that were refused."""

from collections.abc import Collection
from functools import partial
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from import_export.admin import ImportMixin
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from billing.admin.forms import ReasonForm
from billing.admin.pricing.forms import CorrectedRowForm, SettlementForm, UsageFileForm
from billing.models import RefusedUsage, UsageImport, UsageRecord
from billing.pricing.usage import (
    correct_refused,
    import_usage,
    settle_refused,
    undo_import,
    withdraw_usage,
)
from billing.pricing.usage_import import FORMATS, UsageResource
from billing.pricing.usage_rows import Refusal
from contracts.admin.html import lines
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action, run_chosen_action
from portal.organisations.models import User
from portal.tables_in.reading import UNREAD, why_unread


@admin.register(UsageRecord)
class UsageRecordAdmin(ImportMixin, ReadOnlyAdmin):
    list_display = (
        "occurred_on",
        "contract",
        "product",
        "shown_month",
        "quantity",
        "invoice",
        "reference",
        "withdrawn_at",
    )
    list_display_links = ("occurred_on", "reference")
    list_select_related = ("contract", "invoice")
    list_filter = (
        ("invoice", admin.EmptyFieldListFilter),
        ("withdrawn_at", admin.EmptyFieldListFilter),
        "product",
        "month",
        "contract__service",
    )
    search_fields = ("reference", "contract__number", "contract__organisation__name", "invoice__number")
    date_hierarchy = "occurred_on"
    fields = (
        "reference",
        "contract",
        "product",
        "shown_month",
        "quantity",
        "occurred_on",
        "imported",
        "invoice",
        "withdrawn_at",
        "withdrawal_reason",
    )
    actions = ("withdraw",)
    resource_classes = (UsageResource,)
    formats = FORMATS
    import_form_class = UsageFileForm
    import_template_name = "admin/billing/import_usage.html"
    skip_admin_log = True

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self.has_act_permission(request)

    def get_import_resource_kwargs(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        given: dict[str, Any] = super().get_import_resource_kwargs(request, **kwargs)
        return {**given, "staff": request.user}

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            return cast(HttpResponse, super().process_import(request, **kwargs))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        except UNREAD as error:
            messages.error(request, why_unread(error))
        return redirect("admin:billing_usagerecord_import")

    def add_data_read_fail_error_to_form(self, form: Any, e: Exception) -> None:
        """Say in words what is wrong with a file that can't be read, never by an error's name."""
        if isinstance(e, UNREAD):
            form.add_error("import_file", why_unread(e))
        elif isinstance(e, ValidationError):
            form.add_error("import_file", e)
        else:
            text = _(
                "The file can't be read. Choose CSV in UTF-8 or Shift_JIS, or an Excel workbook (.xlsx)."
            )
            form.add_error("import_file", text)

    def process_dataset(self, dataset: Any, form: Any, request: HttpRequest, **kwargs: Any) -> UsageImport:
        name = form.cleaned_data.get("original_file_name") or ""
        return import_usage(dataset, name, cast(User, request.user))

    def process_result(self, result: UsageImport, request: HttpRequest) -> HttpResponse:
        text = gettext("%(file)s: %(taken)s rows taken, %(known)s known already, %(refused)s refused.") % {
            "file": result.file_name,
            "taken": result.taken,
            "known": result.duplicates,
            "refused": result.refused,
        }
        (messages.warning if result.refused else messages.success)(request, text)
        return redirect("admin:billing_usageimport_change", result.pk)

    @admin.action(description=_("Withdraw usage"), permissions=["act"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        standing = queryset.filter(withdrawn_at__isnull=True)
        if not standing.exists():
            messages.warning(request, gettext("Of what you chose, everything is withdrawn already."))
            return None

        def act(staff: User, data: dict[str, Any]) -> str:
            count = withdraw_usage(standing, data["reason"], staff)
            return gettext("%(count)s usage records were withdrawn.") % {"count": f"{count:,}"}

        page = ActionPage(
            title=_("Withdraw usage"),
            button=_("Withdraw usage"),
            form=ReasonForm,
            act=act,
            facts=[
                (_("usage records"), f"{standing.count():,}"),
                (_("On invoices"), f"{standing.filter(invoice__isnull=False).count():,}"),
            ],
            danger=True,
        )
        return run_chosen_action(self, request, page)

    @display(description=_("Month of use"), ordering="month")
    def shown_month(self, obj: UsageRecord) -> str:
        return f"{obj.month:%Y-%m}"


@admin.register(UsageImport)
class UsageImportAdmin(ReadOnlyAdmin):
    list_display = ("imported_at", "file_name", "taken", "duplicates", "refused", "imported_by", "undone_at")
    list_select_related = ("imported_by",)
    search_fields = ("file_name", "file_hash")
    date_hierarchy = "imported_at"
    list_filter = (("undone_at", admin.EmptyFieldListFilter),)
    fields = (
        "file_name",
        "file_hash",
        "imported_at",
        "imported_by",
        "taken",
        "duplicates",
        "refused",
        "shown_refused",
        "undone_at",
        "undone_by",
        "undoing_reason",
    )
    actions_detail = ("undo",)

    def offered(self, obj: UsageImport) -> Collection[str]:
        return () if obj.undone_at else ("undo",)

    @action(description=_("Undo this import"), url_path="undo", permissions=["act"], icon="undo")
    def undo(self, request: HttpRequest, object_id: str) -> HttpResponse:
        imported = get_object_or_404(UsageImport, pk=object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            count = undo_import(imported, data["reason"], staff)
            return gettext("The import is undone; %(count)s usage records were taken back.") % {
                "count": f"{count:,}"
            }

        page = ActionPage(
            title=_("Undo this import"),
            button=_("Undo this import"),
            form=ReasonForm,
            act=act,
            facts=[
                (_("File"), imported.file_name),
                (_("usage records"), f"{imported.records.standing().count():,}"),
                (
                    _("Rows that wait to be settled"),
                    f"{imported.refused_rows.filter(settled_at=None).count():,}",
                ),
            ],
            danger=True,
        )
        return run_action(self, request, object_id, page)

    @display(description=_("refused usage rows"))
    def shown_refused(self, obj: UsageImport) -> str:
        return lines(
            f"{row.row_number}: {', '.join(row.values.values())} – {_reasons(row)}"
            for row in obj.refused_rows.all()[:500]
        )


@admin.register(RefusedUsage)
class RefusedUsageAdmin(ReadOnlyAdmin):
    list_display = ("imported", "row_number", "shown_values", "shown_reasons", "settled_at")
    list_select_related = ("imported",)
    list_filter = (("settled_at", admin.EmptyFieldListFilter),)
    search_fields = ("imported__file_name", "values")
    fields = (
        "imported",
        "row_number",
        "shown_values",
        "shown_reasons",
        "settled_at",
        "settled_by",
        "settlement",
    )
    actions_detail = ("correct", "settle")

    def offered(self, obj: RefusedUsage) -> Collection[str]:
        return () if obj.settled_at else ("correct", "settle")

    @display(description=_("Values"))
    def shown_values(self, obj: RefusedUsage) -> str:
        return ", ".join(f"{name}: {value}" for name, value in obj.values.items())

    @display(description=_("Reasons"))
    def shown_reasons(self, obj: RefusedUsage) -> str:
        return _reasons(obj)

    @action(
        description=_("Correct and try again"),
        url_path="correct",
        permissions=["act"],
        icon="edit",
        variant=ActionVariant.PRIMARY,
    )
    def correct(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = get_object_or_404(RefusedUsage.objects.select_related("imported"), pk=object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            taken = correct_refused(row, data, staff)
            return gettext("The row is taken for the contract %(contract)s.") % {
                "contract": taken.contract.number
            }

        page = ActionPage(
            title=_("Correct a refused row"),
            button=_("Try again"),
            form=partial(CorrectedRowForm, row=row),
            act=act,
            facts=[(_("File"), row.imported.file_name), (_("Row"), row.row_number)],
        )
        return run_action(self, request, object_id, page)

    @action(description=_("Note how it was settled"), url_path="settle", permissions=["act"])
    def settle(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = get_object_or_404(RefusedUsage, pk=object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            settle_refused(row, data["settlement"], staff)
            return gettext("The row is settled.")

        page = ActionPage(
            title=_("Note how it was settled"),
            button=_("Settled"),
            form=SettlementForm,
            act=act,
            facts=[(_("Values"), self.shown_values(row)), (_("Reasons"), _reasons(row))],
        )
        return run_action(self, request, object_id, page)


def _reasons(row: RefusedUsage) -> str:
    return " ".join(str(Refusal(reason).label) for reason in row.reasons)
