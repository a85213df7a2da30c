"""The frame of the staff's admin: its sidebar, and the page that says what waits."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from contracts.approvals.rules import lone_providers
from contracts.extensions import registered
from contracts.extensions.waiting import Listed
from contracts.inbox.sources import sources
from portal import __version__
from portal.approvals.decide import sent_back_to
from portal.installation.health import Trouble, started_at, troubles
from portal.organisations.models import User
from portal.staffing.reach import providers_of, within
from portal.tables_in.kinds import kinds_for

_SIDEBAR = (
    (
        _("Reception"),
        (
            ("contracts.application", "inbox"),
            ("contracts.contract", "contract"),
            ("contracts.contractrequest", "edit_note"),
            ("contracts.inquiry", "contact_support"),
            ("contracts.task", "task_alt"),
            ("contracts.suspension", "pause_circle"),
            ("contracts.authoriseduser", "group_add"),
            ("contracts.issuedletter", "mail"),
            ("outbox.mail", "outbox"),
            ("contracts.posting", "local_post_office"),
            ("contracts.contractdocument", "attach_file"),
            ("contracts.individualagreement", "handshake"),
            ("contracts.takeover", "move_to_inbox"),
        ),
    ),
    (
        _("Billing"),
        (
            ("billing.billingrun", "play_circle"),
            ("billing.invoice", "receipt_long"),
            ("billing.chargedifference", "difference"),
            ("billing.bankimport", "upload_file"),
            ("billing.banktransaction", "join"),
            ("billing.payment", "payments"),
            ("billing.usagerecord", "call"),
            ("billing.usageimport", "upload_file"),
            ("billing.refusedusage", "report"),
            ("billing.adjustment", "exposure"),
            ("contracts.claim", "request_quote"),
            ("billing.recordedoutage", "power_off"),
            ("billing.outageclaim", "report_problem"),
            ("billing.deposit", "savings"),
            ("billing.creditbalance", "savings"),
            ("billing.setoff", "balance"),
            ("billing.setoffdeclaration", "contract_edit"),
            ("billing.payout", "payments"),
            ("billing.payoutbatch", "account_balance"),
            ("billing.directdebitbatch", "account_balance"),
            ("billing.debitmandate", "assignment_turned_in"),
            ("billing.reminder", "mail"),
            ("billing.bankaccount", "account_balance_wallet"),
            ("billing.pricelistversion", "sell"),
            ("billing.broughtpricelist", "new_releases"),
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
            ("contracts.salesagent", "storefront"),
            ("contracts.companyclosure", "event_busy"),
        ),
    ),
    (
        _("Customers and staff"),
        (
            ("organisations.organisation", "business"),
            ("contracts.customernote", "sticky_note_2"),
            ("organisations.user", "person"),
            ("auth.group", "groups"),
            ("audit.auditentry", "history"),
            ("retention.retentionperiod", "auto_delete"),
            ("data_protection.datacopy", "folder_zip"),
            ("data_protection.erasure", "person_remove"),
            ("imprint.publishedtext", "description"),
        ),
    ),
)


_WORK: dict[str, Any] = {
    "title": _("Work"),
    "items": [
        {"title": _("Work queue"), "icon": "checklist", "link": reverse_lazy("work-queue")},
        {
            "title": _("Waits for approval"),
            "icon": "how_to_vote",
            "link": format_lazy("{}?state__exact=waits", reverse_lazy("admin:approvals_proposal_changelist")),
        },
    ],
}
_TABLES: dict[str, Any] = {"title": _("Tables in"), "icon": "upload", "link": reverse_lazy("tables")}


@dataclass(frozen=True)
class Waiting:
    """A number of things that wait, with the list that shows them."""

    label: Any
    model: str
    count: int
    url: str


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
    return [_work(request), *(group for group in groups if group["items"])]


def _work(request: HttpRequest) -> dict[str, Any]:
    if not kinds_for(request.user):
        return _WORK
    return {**_WORK, "items": [*_WORK["items"], _TABLES]}


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add to the admin's first page what is wrong, what waits for who looks at it, and the version."""
    staff = cast(User, request.user)
    return {
        **context,
        "troubles": [*_of_installation(staff), *registered.troubles(staff)],
        "lone": lone_providers(staff),
        "sent_back": sent_back_to(staff),
        "waiting": list(_waiting(request)),
        "version": __version__,
    }


def _of_installation(staff: User) -> list[Trouble]:
    """What is wrong with the installation, for who works for all that are on it."""
    return troubles(started_at()) if providers_of(staff).every else []


def _waiting(request: HttpRequest) -> Iterator[Waiting]:
    for source in sources():
        if (listed := source.listed) and all(may_see(request, model) for model in listed.readers):
            yield Waiting(
                source.label, listed.model, _count(request, listed), _waiting_url(source.key, listed)
            )
        if (tallied := source.tallied) and may_see(request, tallied.model):
            yield Waiting(source.label, tallied.model, tallied.count(request.user), reverse(tallied.page))


def _count(request: HttpRequest, listed: Listed) -> int:
    return within(request.user, listed.found()).count()


def may_see(request: HttpRequest, label: str) -> bool:
    """Whether somebody may see the objects of a model, named as in `contracts.application`."""
    return any(
        model._meta.label_lower == label and model_admin.has_view_or_change_permission(request)
        for model, model_admin in admin.site._registry.items()
    )


def _waiting_url(key: str, listed: Listed) -> str:
    query = f"waiting={key}" if listed.query is None else listed.query
    return f"{_list_url(listed.model)}?{query}"


def _list_url(label: str) -> str:
    return reverse("admin:{}_{}_changelist".format(*label.split(".")))
