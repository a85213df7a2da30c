"""Notices: written, looked through with their recipients and lead time, sent."""

from collections.abc import Collection
from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.timezone import localdate, now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from contracts.admin.forms import ConfirmForm, MomentForm, SendForm
from contracts.admin.html import explained, lines, link
from contracts.admin.pages import DAYS, ActionPage, ReadOnlyAdmin, run_action
from contracts.admin.proposing import proposing
from contracts.admin.waiting_filter import WaitingFilter
from contracts.approvals.deadlines import LATE_NOTICE, LateNoticeData
from contracts.models import Notice, NoticeDelivery, TermsVersion
from contracts.notices.check import NoticeCheck, check_notice
from contracts.notices.deliveries import hurry, record_posting, waiting_mails, with_ledger
from contracts.notices.recipients import organisations_told, recipients
from contracts.notices.send import draft_notice, incomplete_text, send_notice, since_text, too_late_text
from contracts.wording.formats import day_text
from portal.organisations.models import User

RECIPIENTS_SHOWN = 100


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ("subject", "service", "purpose", "effective_on", "shown_state", "sent_at", "shown_counts")
    list_filter = (WaitingFilter, ("sent_at", admin.EmptyFieldListFilter), "purpose", "service")
    list_select_related = ("service",)
    search_fields = ("subject", "body", "subject_en", "body_en")
    date_hierarchy = "effective_on"
    formfield_overrides = DAYS
    radio_fields = {"scope": admin.VERTICAL}
    fieldsets = (
        (None, {"fields": ("service", "purpose", "terms_version", "effective_on")}),
        (_("Stop of the service"), {"fields": ("starts_at", "ends_at", "reason")}),
        (_("Sent to"), {"fields": ("scope", "product", "by_letter", "shown_recipients")}),
        (_("Text"), {"fields": ("subject", "body")}),
        (_("Text in English"), {"fields": ("subject_en", "body_en")}),
        (_("Lead time"), {"fields": ("shown_check", "override_reason")}),
        (
            _("What happened"),
            {
                "fields": (
                    "created_by",
                    "created_at",
                    "sent_by",
                    "sent_at",
                    "governing_version",
                    "shown_ledger",
                )
            },
        ),
    )
    readonly_fields = (
        "shown_recipients",
        "shown_check",
        "override_reason",
        "created_by",
        "created_at",
        "sent_by",
        "sent_at",
        "governing_version",
        "shown_ledger",
    )
    actions_detail = ("send", "go_on", "letters_posted")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notice]:
        found = super().get_queryset(request).select_related("service__provider", "governing_version")
        return with_ledger(found)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super(ReadOnlyAdmin, self).has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Notice | None = None) -> bool:
        return obj is not None and obj.sent_at is None and self.has_act_permission(request)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "terms_version":
            kwargs["queryset"] = TermsVersion.objects.published().select_related("service")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Notice, form: Any, change: bool) -> None:
        draft_notice(obj, cast(User, request.user))

    def offered(self, obj: Notice) -> Collection[str]:
        if obj.sent_at is None:
            return ("send",)
        letters = obj.deliveries.filter(channel=NoticeDelivery.Channel.LETTER, sent_at__isnull=True)
        waits = {"go_on": waiting_mails(obj).exists(), "letters_posted": letters.exists()}
        return [name for name, fits in waits.items() if fits]

    @display(description=_("Status"), label={"draft": "warning", "sending": "info", "sent": "success"})
    def shown_state(self, obj: Any) -> tuple[str, Any]:
        if obj.sent_at is None:
            return "draft", _("Draft")
        return ("sending", _("Being sent")) if obj.waits else ("sent", _("Sent"))

    @display(description=_("Accepted / bounced / read"))
    def shown_counts(self, obj: Any) -> str:
        counts = f"{obj.count_accepted} / {obj.count_bounced} / {obj.count_read}"
        return counts if obj.sent_at else "—"

    @display(description=_("Customers who are told"))
    def shown_recipients(self, obj: Notice) -> str:
        """Before sending: who would be told today."""
        if obj.pk is None:
            return "—"
        if obj.sent_at:
            told = obj.deliveries.order_by("organisation__name").values_list("organisation__name", flat=True)
            return lines(dict.fromkeys(told))
        return _recipient_lines(obj)

    @display(description=_("In time?"))
    def shown_check(self, obj: Notice) -> str:
        return _check_lines(obj) if obj.pk else "—"

    @display(description=_("Ledger"))
    def shown_ledger(self, obj: Notice) -> str:
        if obj.sent_at is None:
            return "—"
        ledger = reverse("admin:contracts_noticedelivery_changelist")
        return link(f"{ledger}?notice__id__exact={obj.pk}", _("Open the ledger"))

    @action(
        description=_("Send"),
        url_path="send",
        permissions=["act"],
        icon="send",
        variant=ActionVariant.PRIMARY,
    )
    def send(self, request: HttpRequest, object_id: str) -> HttpResponse:
        notice = get_object_or_404(self.get_queryset(request), pk=object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            if data["override_reason"].strip() and _is_late(notice):
                return propose(staff, data)
            sent = send_notice(notice, staff, now())
            mails = sent.deliveries.filter(channel=NoticeDelivery.Channel.EMAIL).count()
            return gettext("The notice is posted, and its %(number)s e-mails are being sent.") % {
                "number": mails
            }

        def wanted(data: dict[str, Any]) -> LateNoticeData:
            return LateNoticeData(notice=notice.pk, override_reason=data["override_reason"].strip())

        propose = proposing(request, LATE_NOTICE, wanted)
        page = ActionPage(
            title=_("Send a notice"),
            button=_("Send"),
            form=SendForm,
            act=act,
            facts=[
                (_("Subject"), notice.subject),
                (_("Takes effect on"), day_text(notice.effective_on)),
                (_("Recipients"), _recipient_lines(notice)),
                (_("In time?"), _check_lines(notice)),
            ],
            kind=LATE_NOTICE if _is_late(notice) else None,
        )
        return run_action(self, request, object_id, page)

    @action(description=_("Try again now"), url_path="go-on", permissions=["act"], icon="resume")
    def go_on(self, request: HttpRequest, object_id: str) -> HttpResponse:
        notice = get_object_or_404(self.get_queryset(request), pk=object_id, sent_at__isnull=False)

        def act(staff: User, data: dict[str, Any]) -> str:
            return gettext("%(number)s e-mails that wait are being sent.") % {"number": hurry(notice)}

        page = ActionPage(
            title=_("Try again now"),
            button=_("Try again now"),
            form=ConfirmForm,
            act=act,
            facts=[(_("E-mails that wait"), waiting_mails(notice).count())],
        )
        return run_action(self, request, object_id, page)

    @action(description=_("Letters were posted"), url_path="letters", permissions=["act"], icon="mail")
    def letters_posted(self, request: HttpRequest, object_id: str) -> HttpResponse:
        notice = get_object_or_404(self.get_queryset(request), pk=object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            posted = record_posting(notice, staff, data["at"])
            return gettext("%(number)s letters are recorded as posted.") % {"number": posted}

        page = ActionPage(title=_("Letters were posted"), button=_("Record"), form=MomentForm, act=act)
        return run_action(self, request, object_id, page)


def _is_late(notice: Notice) -> bool:
    check = check_notice(notice, now())
    return check is not None and not check.in_time


def _recipient_lines(notice: Notice) -> str:
    today = localdate()
    shown: list[Any] = [
        f"{recipient.organisation}: {', '.join([*(one.email for one in recipient.mailed), *recipient.named])}"
        for recipient in recipients(notice, today, RECIPIENTS_SHOWN)
    ]
    more = organisations_told(notice, today).count() - RECIPIENTS_SHOWN
    if more > 0:
        shown.append(gettext("and %(number)s more") % {"number": more})
    return lines(shown)


def _check_lines(notice: Notice) -> str:
    """What the terms say of a notice: as it was sent, or as if it was sent now."""
    check = check_notice(notice, notice.sent_at or now())
    if check is None:
        return gettext("No terms of this service are in force.")
    if not check.provided:
        return gettext("The terms name no time for this purpose.")
    lacking = [incomplete_text(check)] if check.missing else []
    steps = [
        format_html("<b>{}</b>{}", NoticeDelivery.Channel(channel).label, explained(decision, check.version))
        for channel, decision in check.decisions.items()
    ]
    return lines([_verdict(check, notice), *lacking, *steps])


def _verdict(check: NoticeCheck, notice: Notice) -> str:
    if not check.in_time:
        return too_late_text(check, notice)
    if check.has_deadline:
        return gettext("It is in time.")
    if check.since is None:
        return gettext("The terms name no day by which it is given.")
    return since_text(check)
