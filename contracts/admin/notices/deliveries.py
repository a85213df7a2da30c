"""The ledger of notices: what went to whom, and what became of it."""

from collections.abc import Collection
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from contracts.admin.forms import BounceForm, ConfirmForm, MomentForm
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action
from contracts.inbox import waiting
from contracts.models import NoticeDelivery
from contracts.notices.deliveries import mail_of, record_arrival, record_bounce, send_again
from contracts.wording.formats import language_text
from portal.organisations.models import User
from portal.outbox.settling import TO_LEAVE

State = NoticeDelivery.State
COLOURS = {
    "pending": "warning",
    "interrupted": "danger",
    "sent": "info",
    "accepted": "success",
    "arrived": "success",
    "read": "success",
    "bounced": "danger",
}
LOOK_AT = "look_at"
EMAIL = Q(channel=NoticeDelivery.Channel.EMAIL)
UNTOLD = Q(sent_at__isnull=False, bounced_at__isnull=True, read_at__isnull=True)
IN_STATE = {
    State.PENDING: Q(sent_at__isnull=True),
    State.INTERRUPTED: UNTOLD & EMAIL & Q(accepted_at__isnull=True),
    State.SENT: UNTOLD & ~EMAIL & Q(arrived_at__isnull=True),
    State.ACCEPTED: UNTOLD & EMAIL & Q(accepted_at__isnull=False),
    State.ARRIVED: UNTOLD & ~EMAIL & Q(arrived_at__isnull=False),
    State.READ: Q(read_at__isnull=False, bounced_at__isnull=True),
    State.BOUNCED: Q(bounced_at__isnull=False),
}


class StateFilter(admin.SimpleListFilter):
    title = _("Status")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(LOOK_AT, _("To look at")), *State.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[NoticeDelivery]) -> QuerySet[NoticeDelivery]:
        if self.value() == LOOK_AT:
            return queryset.filter(pk__in=waiting.letters_to_look_at())
        chosen = self.value()
        return queryset.filter(IN_STATE[State(chosen)]) if chosen in State.values else queryset


@admin.register(NoticeDelivery)
class NoticeDeliveryAdmin(ReadOnlyAdmin):
    list_display = (
        "shown_subject",
        "organisation",
        "channel",
        "address",
        "shown_state",
        "sent_at",
        "accepted_at",
        "read_at",
        "effective_at",
    )
    list_filter = (StateFilter, "channel", "notice__service", "notice")
    list_select_related = ("notice", "organisation", "person")
    search_fields = ("address", "organisation__name", "notice__subject")
    date_hierarchy = "sent_at"
    fieldsets = (
        (None, {"fields": ("notice", "organisation", "person", "channel", "address", "shown_language")}),
        (
            _("What happened"),
            {
                "fields": (
                    "shown_state",
                    "sent_at",
                    "accepted_at",
                    "arrived_at",
                    "read_at",
                    "bounced_at",
                    "bounce_note",
                    "effective_at",
                )
            },
        ),
    )
    actions_detail = ("bounce", "arrival", "again")

    def offered(self, obj: NoticeDelivery) -> Collection[str]:
        email, letter = (obj.channel == channel for channel in ("email", "letter"))
        is_out = obj.sent_at is not None
        fits = {
            "bounce": is_out and (email or letter) and obj.bounced_at is None,
            "arrival": is_out and letter and obj.arrived_at is None,
            "again": email and (mail := mail_of(obj)) and mail.state in TO_LEAVE,
        }
        return [name for name, fit in fits.items() if fit]

    @display(description=_("Language"))
    def shown_language(self, obj: NoticeDelivery) -> str:
        return language_text(obj.language)

    @display(description=_("Notice"), ordering="notice")
    def shown_subject(self, obj: NoticeDelivery) -> str:
        return obj.notice.subject

    @display(description=_("Status"), label=COLOURS)
    def shown_state(self, obj: NoticeDelivery) -> tuple[str, Any]:
        return obj.state.value, obj.state.label

    @action(
        description=_("It came back"),
        url_path="bounce",
        permissions=["act"],
        icon="undo",
        variant=ActionVariant.DANGER,
    )
    def bounce(self, request: HttpRequest, object_id: str) -> HttpResponse:
        delivery = get_object_or_404(NoticeDelivery, pk=object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            record_bounce(delivery, data["at"], data["why"], staff)
            return gettext("That it came back is recorded.")

        return self._run(request, delivery, _("It came back"), BounceForm, act)

    @action(
        description=_("The letter arrived"), url_path="arrival", permissions=["act"], icon="mark_email_read"
    )
    def arrival(self, request: HttpRequest, object_id: str) -> HttpResponse:
        delivery = get_object_or_404(NoticeDelivery, pk=object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            record_arrival(delivery, staff, data["at"])
            return gettext("The arrival is recorded.")

        return self._run(request, delivery, _("The letter arrived"), MomentForm, act)

    @action(description=_("Send again"), url_path="again", permissions=["act"], icon="send")
    def again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        delivery = get_object_or_404(NoticeDelivery, pk=object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            send_again(delivery, staff)
            return gettext("The e-mail is being sent again.")

        return self._run(request, delivery, _("Send again"), ConfirmForm, act)

    def _run(
        self, request: HttpRequest, delivery: NoticeDelivery, title: Any, form: Any, act: Any
    ) -> HttpResponse:
        page = ActionPage(
            title=title,
            button=title,
            form=form,
            act=act,
            facts=[(_("Notice"), delivery.notice.subject), (_("E-mail or postal address"), delivery.address)],
        )
        return run_action(self, request, str(delivery.pk), page)
