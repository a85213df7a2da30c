"""Who is late: the ageing list, and the reminders."""

from collections.abc import Iterable
from datetime import date
from typing import Any, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from billing.admin.receivables.letters import letter_link
from billing.admin.receivables.lists import ageing_out, due_reminders_out, grounds_out
from billing.admin.steps import StepPage, run_steps
from billing.correspondence.letters import email_of
from billing.models import Invoice, Reminder
from billing.receivables.late.ageing import Ageing
from billing.receivables.late.due_reminders import due_reminders, for_reminder
from billing.receivables.late.grounds import with_ground
from billing.receivables.open_items import Terms
from billing.receivables.reminders import Owed, issue_reminder, send_reminder, with_interest
from contracts.admin.forms import ConfirmForm
from contracts.admin.html import article_links, lines
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action
from contracts.models.fields import in_current_language
from contracts.wording.formats import day_text, yen_text
from portal.organisations.models import User
from portal.staffing.reach import providers_of, within

_PAGE = 100
_LEADS_TO = {"suspension": _("Suspension"), "termination": _("Termination")}


@admin.register(Reminder)
class ReminderAdmin(ReadOnlyAdmin):
    list_display = (
        "issued_on",
        "organisation",
        "provider",
        "step",
        "shown_open",
        "shown_interest",
        "sent_at",
    )
    export_more = (
        "pay_by",
        "sent_to",
    )
    list_display_links = ("issued_on", "organisation")
    list_select_related = ("organisation", "provider")
    list_prefetch_related = ("provider__particulars",)
    list_filter = ("provider", "step", ("sent_at", admin.EmptyFieldListFilter))
    search_fields = ("organisation__name", "organisation__kana", "lines__invoice__number")
    date_hierarchy = "issued_on"
    fields = (
        "organisation",
        "provider",
        "step",
        "issued_on",
        "pay_by",
        "shown_open",
        "shown_interest",
        "shown_lines",
        "shown_pdf",
        "sent_to",
        "sent_at",
    )
    actions_list = ("ageing_list", "issue_reminders")
    actions_detail = ("send_again",)

    def get_urls(self) -> list[URLPattern]:
        def own(route: str, view: Any, name: str) -> URLPattern:
            page = self.admin_site.admin_view(view)
            return cast(URLPattern, path(route, page, name=f"billing_reminder_{name}"))

        return [
            own("ageing/export/", self.export_ageing, "ageing_export"),
            own("ageing/grounds/export/", self.export_grounds, "grounds_export"),
            own("issue-reminders/export/", self.export_due, "due_export"),
            *super().get_urls(),
        ]

    def offered(self, obj: Any) -> tuple[str, ...]:
        return ("send_again",)

    @display(description=_("Open amount"), ordering="open_amount")
    def shown_open(self, obj: Reminder) -> str:
        return yen_text(obj.open_amount)

    @display(description=_("Late interest"), ordering="interest")
    def shown_interest(self, obj: Reminder) -> str:
        return yen_text(obj.interest)

    @display(description=_("Invoices"))
    def shown_lines(self, obj: Reminder) -> str:
        return lines(
            f"{line.invoice.number} {yen_text(line.open_amount)}"
            for line in obj.lines.select_related("invoice")
        )

    @display(description=_("PDF"))
    def shown_pdf(self, obj: Reminder) -> str:
        return letter_link(obj, "billing:reminder-pdf", "PDF")

    @action(description=_("Ageing list"), url_path="ageing", permissions=["view"], icon="hourglass_bottom")
    def ageing_list(self, request: HttpRequest) -> HttpResponse:
        """What is owed by how long it is overdue, and the grounds that the terms name."""
        today = localdate()
        rows = Ageing(today, of=providers_of(request.user))
        sums = rows.sums()
        grounds = Paginator(_with_ground(request, today), _PAGE).get_page(request.GET.get("grounds"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Ageing list"),
            "rows": Paginator(cast("Any", rows), _PAGE).get_page(request.GET.get("page")),
            "sums": sums,
            "total": sum(sums),
            "today": today,
            "grounds": grounds,
            "ground_rows": _ground_rows(grounds, today),
        }
        return TemplateResponse(request, "admin/billing/ageing.html", context)

    def export_ageing(self, request: HttpRequest) -> HttpResponseBase:
        """The ageing list as a file."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = Ageing(localdate(), of=providers_of(request.user))
        return self.export_of(request, ageing_out(rows), reverse("admin:billing_reminder_ageing_list"))

    def export_grounds(self, request: HttpRequest) -> HttpResponseBase:
        """What the terms provide for as a file."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        today = localdate()
        taken = grounds_out(_ground_rows(_with_ground(request, today), today))
        return self.export_of(request, taken, reverse("admin:billing_reminder_ageing_list"))

    def export_due(self, request: HttpRequest) -> HttpResponseBase:
        """The invoices that a reminder is due for as a file."""
        if not self.has_act_permission(request):
            raise PermissionDenied
        taken = due_reminders_out(_due_reminders(request))
        return self.export_of(request, taken, reverse("admin:billing_reminder_issue_reminders"))

    @action(
        description=_("Issue reminders"),
        url_path="issue-reminders",
        permissions=["act"],
        icon="mail",
        variant=ActionVariant.PRIMARY,
    )
    def issue_reminders(self, request: HttpRequest) -> HttpResponse:
        """Show which reminders are due today, and issue them when that is confirmed."""
        theirs = within(request.user, Invoice.objects.all())

        def preview(data: dict[str, Any]) -> dict[str, Any]:
            found = for_reminder(localdate(), theirs).order_by()
            sums = found.aggregate(count=Count("pk"), total=Coalesce(Sum("open_amount"), 0))
            return {"due": _due_reminders(request, most=_PAGE), **sums}

        def act(staff: User, data: dict[str, Any]) -> str:
            customers = dict.fromkeys(
                (one.invoice.provider, one.invoice.debtor) for one in due_reminders(localdate(), theirs)
            )
            for provider, organisation in customers:
                issue_reminder(provider, organisation, localdate(), staff)
            text = ngettext(
                "%(count)s reminder was issued.", "%(count)s reminders were issued.", len(customers)
            )
            return text % {"count": len(customers)}

        page = StepPage(
            title=_("Issue reminders"),
            button=_("Issue and send"),
            form=ConfirmForm,
            act=act,
            preview=preview,
            shown="admin/billing/_reminders.html",
            note=_(
                "Each customer gets one letter for all that is due to be reminded of, as a PDF by e-mail."
            ),
        )
        return run_steps(self, request, page)

    @action(description=_("Send again"), url_path="send-again", permissions=["act"], icon="forward_to_inbox")
    def send_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        reminder = get_object_or_404(
            Reminder.objects.select_related("organisation", "provider"), pk=object_id
        )

        def act(staff: User, data: dict[str, Any]) -> str:
            mail = send_reminder(reminder, staff)
            return gettext("The reminder is being sent to %(address)s.") % {"address": mail.address}

        page = ActionPage(
            title=gettext("Send a reminder again"),
            button=_("Send"),
            form=ConfirmForm,
            act=act,
            facts=[
                (_("organisation"), reminder.organisation.name),
                (
                    pgettext_lazy("receiver", "To"),
                    email_of(reminder.organisation, reminder.provider, localdate()),
                ),
            ],
        )
        return run_action(self, request, object_id, page)


def _due_reminders(request: HttpRequest, *, most: int | None = None) -> list[Owed]:
    """What staff may remind of today, each with its late interest; no more than the first `most`."""
    day = localdate()
    theirs = within(request.user, Invoice.objects.all())
    return with_interest(due_reminders(day, theirs, most=most), day)


def _with_ground(request: HttpRequest, day: date) -> QuerySet[Invoice]:
    found = within(request.user, with_ground(day))
    related = found.select_related("debtor", "contract__service", "contract__application")
    return related.prefetch_related("contract__agreements").defer("document")


def _ground_rows(invoices: Iterable[Invoice], day: date) -> list[dict[str, Any]]:
    terms = Terms(day)
    return [_ground_row(invoice, terms) for invoice in invoices]


def _ground_row(invoice: Invoice, terms: Terms) -> dict[str, Any]:
    """An overdue invoice with what its terms let the provider do, and the articles."""
    version = terms.version(invoice)
    return {
        "invoice": invoice,
        "url": reverse("admin:contracts_contract_change", args=[invoice.contract_id]),
        "grounds": [
            {
                "leads_to": _LEADS_TO[ground.leads_to],
                "text": in_current_language(ground.text.model_dump()),
                "since": day_text(ground.since),
                "articles": article_links(version, ground.articles) if version else "",
            }
            for ground in terms.grounds(invoice)
        ],
    }
