"""Outages that customers claim: accepted as an outage that is recorded, or refused."""

from collections.abc import Collection
from datetime import date
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.timezone import localtime, now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminSelectWidget

from billing.adjustments.outage_claims import accept_claim, claimable_until, recorded_meanwhile, refuse_claim
from billing.adjustments.outages import what_was_out
from billing.admin.adjustments.forms import OutageForm
from billing.admin.forms import ReasonForm, reason_field
from billing.approvals.credits import OUTAGE, OutageData
from billing.models import OutageClaim
from contracts.admin.html import target_link
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action
from contracts.admin.proposing import proposing
from contracts.models import Contract
from contracts.rules.calendar.period import japan_date
from contracts.wording.formats import day_text, moment_text, yen_text
from portal.organisations.models import User

STATE_COLOURS = {"submitted": "info", "accepted": "success", "refused": "danger", "withdrawn": "warning"}


class ClaimedOutageForm(OutageForm):
    """The outage as it was, beginning with what the customer says."""

    def __init__(self, claim: OutageClaim, data: Any = None) -> None:
        stated = {
            "known_at": f"{localtime(claim.begins_at):%Y-%m-%d %H:%M}",
            "restored_at": f"{localtime(claim.ends_at):%Y-%m-%d %H:%M}",
            "product": claim.product and f"{claim.contract.service.slug}/{claim.product}",
            "damage": claim.damage,
        }
        super().__init__(data, initial=stated)
        self.claim = claim
        for settled in ("contract", "claimed_at"):
            del self.fields[settled]

    def of_contract(self) -> Contract:
        """The contract of the claim."""
        return self.claim.contract


class RecordedOutageForm(forms.Form):
    """An outage that is recorded already."""

    outage = forms.ModelChoiceField(
        label=_("Outage"), queryset=OutageClaim.objects.none(), widget=UnfoldAdminSelectWidget
    )
    reason = reason_field(required=False)

    def __init__(self, claim: OutageClaim, data: Any = None) -> None:
        super().__init__(data)
        self.fields["outage"].queryset = recorded_meanwhile(claim)  # type: ignore[attr-defined]


@admin.register(OutageClaim)
class OutageClaimAdmin(ReadOnlyAdmin):
    list_display = ("contract", "begins_at", "ends_at", "shown_damage", "claimed_at", "shown_state")
    list_select_related = ("contract__service",)
    list_filter = ("state", "contract__service")
    search_fields = ("contract__number", "contract__organisation__name")
    date_hierarchy = "claimed_at"
    fields = (
        "contract",
        "organisation",
        "begins_at",
        "ends_at",
        "shown_product",
        "what",
        "shown_damage",
        "claimed_by",
        "claimed_at",
        "shown_until",
        "state",
        "shown_outage",
        "reason",
        "decided_at",
        "decided_by",
    )
    actions_detail = ("accept", "link", "refuse")

    def offered(self, obj: OutageClaim) -> Collection[str]:
        if not obj.waits:
            return ()
        linked = ("link",) if recorded_meanwhile(obj).exists() else ()
        return ("accept", *linked, "refuse")

    @display(description=_("What was out"))
    def shown_product(self, obj: OutageClaim) -> str:
        return what_was_out(obj.contract, obj.product, obj.begins_at)

    @display(description=_("Status"), ordering="state", label=STATE_COLOURS)
    def shown_state(self, obj: OutageClaim) -> tuple[str, str]:
        return obj.state, obj.get_state_display()

    @display(description=_("Actual damage"), ordering="damage")
    def shown_damage(self, obj: OutageClaim) -> str:
        return yen_text(obj.damage) if obj.damage is not None else "—"

    @display(description=_("Last day for the claim"))
    def shown_until(self, obj: OutageClaim) -> str:
        last = claimable_until(obj)
        return _until_text(obj, last) if last else "—"

    @display(description=_("outage"))
    def shown_outage(self, obj: OutageClaim) -> str:
        return target_link(obj.outage)

    @action(description=_("Accept"), url_path="accept", permissions=["act"], variant=ActionVariant.PRIMARY)
    def accept(self, request: HttpRequest, object_id: str) -> HttpResponse:
        claim = self._claim(object_id)

        def wanted(data: dict[str, Any]) -> OutageData:
            stated = {"contract": claim.contract.number, "claimed_at": claim.claimed_at, "claim": claim.pk}
            return OutageData(**{**data, **stated})

        page = ActionPage(
            title=_("Accept the claim and record the outage"),
            button=_("Propose"),
            form=partial(ClaimedOutageForm, claim),
            act=proposing(request, OUTAGE, wanted),
            kind=OUTAGE,
            facts=self._facts(claim),
        )
        return run_action(self, request, object_id, page)

    @action(description=_("Accept as a recorded outage"), url_path="link", permissions=["act"])
    def link(self, request: HttpRequest, object_id: str) -> HttpResponse:
        claim = self._claim(object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            accept_claim(claim, data["outage"], data["reason"], staff, now())
            return gettext("The claim is accepted.")

        page = ActionPage(
            title=_("Accept as a recorded outage"),
            button=_("Accept"),
            form=partial(RecordedOutageForm, claim),
            act=act,
            facts=self._facts(claim),
        )
        return run_action(self, request, object_id, page)

    @action(description=_("Refuse"), url_path="refuse", permissions=["act"], variant=ActionVariant.DANGER)
    def refuse(self, request: HttpRequest, object_id: str) -> HttpResponse:
        claim = self._claim(object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            refuse_claim(claim, data["reason"], staff, now())
            return gettext("The claim is refused.")

        page = ActionPage(
            title=_("Refuse the claim"),
            button=_("Refuse"),
            form=ReasonForm,
            act=act,
            facts=self._facts(claim),
            danger=True,
        )
        return run_action(self, request, object_id, page)

    @staticmethod
    def _claim(object_id: str) -> OutageClaim:
        found = OutageClaim.objects.select_related("contract__service", "contract__organisation")
        return get_object_or_404(found, pk=object_id)

    def _facts(self, claim: OutageClaim) -> list[tuple[Any, Any]]:
        return [
            (_("contract"), claim.contract.number),
            (_("Down since"), moment_text(claim.begins_at)),
            (_("Down until"), moment_text(claim.ends_at)),
            (_("What could not be used"), claim.what),
            (_("Actual damage"), self.shown_damage(claim)),
            (_("Claim sent at"), moment_text(claim.claimed_at)),
            (_("Last day for the claim"), self.shown_until(claim)),
        ]


def _until_text(claim: OutageClaim, last: date) -> str:
    """The last day, and whether the claim came by then."""
    in_time = japan_date(claim.claimed_at) <= last
    text = gettext("%(day)s (in time)") if in_time else gettext("%(day)s (too late: the right is lost)")
    return text % {"day": day_text(last)}
