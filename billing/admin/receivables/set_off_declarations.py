"""Set-offs that customers declare: answered by the set-off that books one, or by why there is none."""

from collections.abc import Collection
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.timezone import now
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminSelectWidget

from billing.admin.forms import ReasonForm
from billing.models import CreditBalance, SetOff, SetOffDeclaration
from billing.receivables.set_offs import answer_declaration, set_offs_for
from contracts.admin.html import target_link
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action
from contracts.wording.formats import moment_text, yen_text
from portal.organisations.models import User

STATE_COLOURS = {"submitted": "info", "accepted": "success", "refused": "danger"}


class BookedForm(forms.Form):
    """The set-off that books it."""

    booked = forms.ModelChoiceField(
        label=_("Set-off"),
        queryset=SetOff.objects.none(),
        widget=UnfoldAdminSelectWidget,
        help_text=_("Set the customer's credit off first; it is offered here then."),
    )

    def __init__(self, declaration: SetOffDeclaration, data: Any = None) -> None:
        super().__init__(data)
        self.fields["booked"].queryset = set_offs_for(declaration)  # type: ignore[attr-defined]


@admin.register(SetOffDeclaration)
class SetOffDeclarationAdmin(ReadOnlyAdmin):
    list_display = ("invoice", "organisation", "shown_amount", "declared_at", "shown_state")
    list_select_related = ("invoice", "organisation")
    list_filter = ("state", "provider")
    search_fields = ("invoice__number", "organisation__name", "organisation__kana")
    date_hierarchy = "declared_at"
    fields = (
        "invoice",
        "organisation",
        "provider",
        "shown_amount",
        "claim",
        "declared_by",
        "declared_at",
        "shown_balance",
        "state",
        "set_off",
        "reason",
        "decided_at",
        "decided_by",
    )
    actions_detail = ("book", "refuse")

    def offered(self, obj: SetOffDeclaration) -> Collection[str]:
        return ("book", "refuse") if obj.waits else ()

    @display(description=_("Status"), ordering="state", label=STATE_COLOURS)
    def shown_state(self, obj: SetOffDeclaration) -> tuple[str, str]:
        return obj.state, obj.get_state_display()

    @display(description=_("Amount"), ordering="amount")
    def shown_amount(self, obj: SetOffDeclaration) -> str:
        return yen_text(obj.amount)

    @display(description=_("Credit"))
    def shown_balance(self, obj: SetOffDeclaration) -> Any:
        """Where the customer's credit is set off."""
        found = CreditBalance.objects.filter(provider=obj.provider, organisation=obj.organisation)
        return target_link(found.first())

    @action(
        description=pgettext_lazy("set-off", "Booked by a set-off"),
        url_path="book",
        permissions=["act"],
        variant=ActionVariant.PRIMARY,
    )
    def book(self, request: HttpRequest, object_id: str) -> HttpResponse:
        declaration = self._declaration(object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            answer_declaration(declaration, staff, now(), booked=data["booked"])
            return gettext("The customer is told that the set-off is booked.")

        page = ActionPage(
            title=pgettext_lazy("set-off", "Booked by a set-off"),
            button=_("Record"),
            form=partial(BookedForm, declaration),
            act=act,
            facts=self._facts(declaration),
        )
        return run_action(self, request, object_id, page)

    @action(description=_("Refuse"), url_path="refuse", permissions=["act"], variant=ActionVariant.DANGER)
    def refuse(self, request: HttpRequest, object_id: str) -> HttpResponse:
        declaration = self._declaration(object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            answer_declaration(declaration, staff, now(), reason=data["reason"])
            return gettext("The customer is told that nothing can be set off.")

        page = ActionPage(
            title=_("Refuse the set-off"),
            button=_("Refuse"),
            form=ReasonForm,
            act=act,
            facts=self._facts(declaration),
            danger=True,
        )
        return run_action(self, request, object_id, page)

    @staticmethod
    def _declaration(object_id: str) -> SetOffDeclaration:
        found = SetOffDeclaration.objects.select_related("invoice", "organisation", "provider")
        return get_object_or_404(found, pk=object_id)

    @staticmethod
    def _facts(declaration: SetOffDeclaration) -> list[tuple[Any, Any]]:
        return [
            (_("Invoice number"), declaration.invoice.number),
            (_("Organisation"), declaration.organisation),
            (_("Amount"), yen_text(declaration.amount)),
            (_("Own claim"), declaration.claim),
            (_("Declared at"), moment_text(declaration.declared_at)),
        ]
