"""The frame of the staff's admin: its sidebar, and the page that says what waits."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.core.paginator import InvalidPage
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse, reverse_lazy
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from billing.invoicing.plain_drawings import recent_trouble
from billing.models import BillingRun, DepositMail, InvoiceMail, RefusedUsage
from billing.receivables.balances import overdue_on
from billing.receivables.open_items import (
    entries_to_match,
    for_reminder,
    for_termination,
    payouts_to_transfer,
    unpaid_deposits,
)
from contracts.inbox import waiting
from portal import __version__
from portal.installation.health import started_at, troubles

_SIDEBAR = (
    (
        _("Reception"),
        (
            ("contracts.application", "inbox"),
            ("contracts.contract", "contract"),
            ("contracts.contractrequest", "edit_note"),
            ("contracts.task", "task_alt"),
            ("contracts.suspension", "pause_circle"),
            ("contracts.authoriseduser", "group_add"),
            ("contracts.issuedletter", "mail"),
            ("contracts.contractdocument", "attach_file"),
            ("contracts.individualagreement", "handshake"),
        ),
    ),
    (
        _("Billing"),
        (
            ("billing.billingrun", "play_circle"),
            ("billing.invoice", "receipt_long"),
            ("billing.invoicemail", "forward_to_inbox"),
            ("billing.bankimport", "upload_file"),
            ("billing.banktransaction", "join"),
            ("billing.payment", "payments"),
            ("billing.usagerecord", "call"),
            ("billing.usageimport", "upload_file"),
            ("billing.refusedusage", "report"),
            ("billing.adjustment", "exposure"),
            ("contracts.claim", "request_quote"),
            ("billing.recordedoutage", "power_off"),
            ("billing.deposit", "savings"),
            ("billing.depositmail", "forward_to_inbox"),
            ("billing.creditbalance", "savings"),
            ("billing.setoff", "balance"),
            ("billing.payout", "payments"),
            ("billing.payoutbatch", "account_balance"),
            ("billing.directdebitbatch", "account_balance"),
            ("billing.debitmandate", "assignment_turned_in"),
            ("billing.reminder", "mail"),
            ("billing.bankaccount", "account_balance_wallet"),
            ("billing.pricelistversion", "sell"),
            ("billing.specialprice", "loyalty"),
        ),
    ),
    (
        _("Terms and services"),
        (
            ("contracts.termsversion", "gavel"),
            ("contracts.consent", "handshake"),
            ("contracts.notice", "campaign"),
            ("contracts.noticedelivery", "mark_email_read"),
            ("contracts.service", "category"),
            ("contracts.provider", "apartment"),
            ("contracts.companyclosure", "event_busy"),
        ),
    ),
    (
        _("Customers and staff"),
        (
            ("organisations.organisation", "business"),
            ("organisations.user", "person"),
            ("auth.group", "groups"),
            ("audit.auditentry", "history"),
        ),
    ),
)


_WORK: dict[str, Any] = {
    "title": _("Work"),
    "items": [{"title": _("Work queue"), "icon": "checklist", "link": reverse_lazy("work-queue")}],
}


@dataclass(frozen=True)
class Waiting:
    """A number of things that wait, for whom may see them, with the list that shows them."""

    label: Any
    model: str
    query: str
    found: Callable[[], QuerySet[Any]]

    @property
    def count(self) -> int:
        return self.found().count()

    @property
    def url(self) -> str:
        return f"{_list_url(self.model)}?{self.query}"


_WAITING = (
    Waiting(
        _("Applications to decide"), "contracts.application", "status__exact=submitted", waiting.applications
    ),
    Waiting(
        _("Requests to decide"), "contracts.contractrequest", "status__exact=submitted", waiting.requests
    ),
    Waiting(
        _("Notices of completion to issue"),
        "contracts.contractrequest",
        "waiting=completion",
        waiting.for_completion,
    ),
    Waiting(_("Tasks"), "contracts.task", "done_at__isempty=1", waiting.tasks),
    Waiting(
        _("Acceptances not sent"),
        "contracts.contract",
        "waiting=acceptance_mail",
        waiting.for_acceptance_mail,
    ),
    Waiting(
        _("Registrations to complete"), "contracts.contract", "waiting=registration", waiting.for_registration
    ),
    Waiting(
        _("Activation notices to issue"),
        "contracts.contract",
        "waiting=activation",
        waiting.for_activation_notice,
    ),
    Waiting(_("Refusals of new terms"), "contracts.consent", "waiting=refusals", waiting.refusals),
    Waiting(_("Notices to send"), "contracts.notice", "sent_at__isnull=True", waiting.notices_to_send),
    Waiting(
        _("Deliveries to look at"),
        "contracts.noticedelivery",
        "state=look_at",
        waiting.deliveries_to_look_at,
    ),
    Waiting(
        _("Billing runs to approve"),
        "billing.billingrun",
        "status__exact=previewed",
        lambda: BillingRun.objects.filter(status=BillingRun.Status.PREVIEWED),
    ),
    Waiting(
        _("E-mails of invoices to look at"),
        "billing.invoicemail",
        "state=look_at",
        InvoiceMail.objects.to_look_at,
    ),
    Waiting(
        _("E-mails about deposits to look at"),
        "billing.depositmail",
        "state=look_at",
        DepositMail.objects.to_look_at,
    ),
    Waiting(
        _("Refused usage rows"),
        "billing.refusedusage",
        "settled_at__isempty=1",
        lambda: RefusedUsage.objects.filter(settled_at__isnull=True),
    ),
    Waiting(_("Overdue invoices"), "billing.invoice", "state=overdue", lambda: overdue_on(localdate())),
    Waiting(_("Bank entries to match"), "billing.banktransaction", "status__exact=open", entries_to_match),
    Waiting(
        _("Deposits that are late"),
        "billing.deposit",
        "received_on__isempty=1",
        lambda: unpaid_deposits(localdate()),
    ),
    Waiting(_("Payouts without a transfer file"), "billing.payout", "batch__isempty=1", payouts_to_transfer),
    Waiting(_("Reminders to issue"), "billing.reminder", "", lambda: for_reminder(localdate())),
    Waiting(
        _("Unpaid so long that the terms allow termination"),
        "billing.invoice",
        "unpaid=termination",
        lambda: for_termination(localdate()),
    ),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The sidebar: what somebody may see, by the work that it belongs to."""
    shown = {
        f"{model._meta.label_lower}": model
        for model, model_admin in admin.site._registry.items()
        if model_admin.has_view_or_change_permission(request)
    }
    groups = [
        {
            "title": title,
            "separator": True,
            "items": [
                {
                    "title": shown[label]._meta.verbose_name_plural,
                    "icon": icon,
                    "link": _list_url(label),
                }
                for label, icon in entries
                if label in shown
            ],
        }
        for title, entries in _SIDEBAR
    ]
    return [_WORK, *(group for group in groups if group["items"])]


def existing_pages_of(search: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The admin's search, whose pages that there are not are not found; the library takes any for one."""

    def searched(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return search(request, *args, **kwargs)
        except InvalidPage as error:
            raise Http404 from error

    return searched


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add to the admin's first page what is wrong, what waits for who looks at it, and the version."""
    seen = [entry for entry in _WAITING if may_see(request, entry.model)]
    drawing = recent_trouble() if may_see(request, "billing.invoice") else None
    told = [*troubles(started_at()), *([drawing] if drawing else [])]
    return {**context, "troubles": told, "waiting": seen, "version": __version__}


def may_see(request: HttpRequest, label: str) -> bool:
    """Whether somebody may see the objects of a model, named as in `contracts.application`."""
    return any(
        model._meta.label_lower == label and model_admin.has_view_or_change_permission(request)
        for model, model_admin in admin.site._registry.items()
    )


def _list_url(label: str) -> str:
    return reverse("admin:{}_{}_changelist".format(*label.split(".")))
