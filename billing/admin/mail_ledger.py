"""What the ledgers of e-mails have in common: the state of each, and what has to be sent again."""

from collections.abc import Collection
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from billing.models.mail import Mail
from contracts.admin.pages import ReadOnlyAdmin

State = Mail.State
COLOURS = {
    State.WAITING: "info",
    State.INTERRUPTED: "danger",
    State.ACCEPTED: "success",
    State.REFUSED: "danger",
}
LOOK_AT = "look_at"
IN_STATE = {
    State.WAITING: Q(claimed_at__isnull=True),
    State.INTERRUPTED: Q(claimed_at__isnull=False, accepted_at__isnull=True, refusal=""),
    State.ACCEPTED: Q(accepted_at__isnull=False),
    State.REFUSED: ~Q(refusal=""),
}
OF_EACH = ("address", "language", "shown_state", "claimed_at", "accepted_at", "refusal")


class StateFilter(admin.SimpleListFilter):
    title = _("Status")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(LOOK_AT, _("To look at")), *State.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        if chosen == LOOK_AT:
            return queryset.filter(IN_STATE[State.INTERRUPTED] | IN_STATE[State.REFUSED])
        return queryset.filter(IN_STATE[State(chosen)]) if chosen in State.values else queryset


class MailLedgerAdmin(ReadOnlyAdmin):
    """A ledger; subclasses add the action `again`."""

    actions_detail = ("again",)

    def offered(self, obj: Mail) -> Collection[str]:
        return ("again",) if obj.state in (State.INTERRUPTED, State.REFUSED) else ()

    @display(description=_("Status"), label=COLOURS)
    def shown_state(self, obj: Mail) -> tuple[str, Any]:
        return obj.state, obj.state.label
