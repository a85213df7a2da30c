"""Where what is owed for invoiced months is not what was charged: listed here, and decided."""

import hashlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from billing.admin.differences.forms import DecisionForm
from billing.approvals.differences import DIFFERENCE_WAIVER, DifferencesData
from billing.differences.deciding import accept_differences, acceptable, waivable
from billing.models import ChargeDifference, Invoice
from billing.models.difference import ChargeDifferenceQuerySet
from billing.runs.corrections import names_of
from contracts.admin.html import contract_link, link
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_chosen_action
from contracts.admin.proposing import AGAIN, told
from contracts.models.fields import in_current_language
from contracts.wording.formats import yen_text
from portal.approvals.decide import put_forward
from portal.approvals.kinds import Kind
from portal.organisations.models import User
from portal.staffing.reach import within

State, Cause = ChargeDifference.State, ChargeDifference.Cause
STATE_COLOURS = {
    State.FOUND: "info",
    State.LISTED: "warning",
    State.ACCEPTED: "success",
    State.SETTLED: "success",
    State.WAIVED: "default",
}
FOR_CUSTOMERS = _("Accept what is to the customers' advantage, waive the rest")
Differences = ChargeDifferenceQuerySet
Outcome = tuple[Any, Differences]


class MonthFilter(admin.SimpleListFilter):
    """Of the months in which there are differences, the latest first."""

    title = _("Month")
    parameter_name = "month"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        months = within(request.user, ChargeDifference.objects.all()).dates("month", "month", order="DESC")
        return [(f"{month:%Y-%m}", f"{month:%Y-%m}") for month in months]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        known = self.value() in dict(self.lookup_choices)
        return queryset.filter(month=f"{self.value()}-01") if known else queryset


@admin.register(ChargeDifference)
class ChargeDifferenceAdmin(ReadOnlyAdmin):
    list_display = (
        "contract",
        "shown_month",
        "shown_product",
        "shown_change",
        "cause",
        "shown_state",
        "shown_invoice",
        "shown_document",
    )
    export_more = (
        "charged",
        "owed",
        "shown_amount",
        "found_at",
        "reason",
    )
    list_select_related = ("contract__organisation", "document")
    list_prefetch_related = ("contract__contracted_version",)
    list_filter = ("state", "cause", "contract__service", MonthFilter)
    ordering = ("contract__number", "month", "pk")
    search_fields = (
        "contract__number",
        "contract__organisation__name",
        "contract__organisation__kana",
        "invoice",
    )
    list_before_template = "admin/billing/_differences.html"
    fields = (
        "shown_contract",
        "shown_month",
        "shown_product",
        "shown_change",
        "shown_amount",
        "cause",
        "shown_invoice",
        "found_at",
        "state",
        "reason",
        "settled_at",
        "settled_by",
        "shown_document",
    )
    actions = ("accept", "waive", "decide_for_customers")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """For who may see invoices, whose amounts these are."""
        return request.user.has_perm("billing.view_invoice")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        invoices = Invoice.objects.filter(number=OuterRef("invoice"))
        named: QuerySet[Any] = (
            super().get_queryset(request).annotate(invoice_pk=Subquery(invoices.values("pk")[:1]))
        )
        return named

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if AGAIN in request.GET:  # a proposal that was sent back: its rows are chosen anew
            return redirect("admin:billing_chargedifference_changelist")
        response = super().changelist_view(request, extra_context)
        shown = getattr(response, "context_data", None) or {}
        if "cl" in shown:
            shown["causes"] = Cause.labels
            shown["sums"] = list(_sums(shown["cl"].queryset))
        return response

    @display(description=_("contract"))
    def shown_contract(self, obj: ChargeDifference) -> str:
        return contract_link(obj.contract)

    @display(description=_("Month"), ordering="month")
    def shown_month(self, obj: ChargeDifference) -> str:
        return f"{obj.month:%Y-%m}"

    @display(description=_("Product"), ordering="product")
    def shown_product(self, obj: ChargeDifference) -> str:
        return in_current_language(names_of(obj.contract, obj.product))

    @display(description=_("Charged → owed, without tax"), ordering="amount")
    def shown_change(self, obj: ChargeDifference) -> str:
        change = f"{yen_text(obj.charged)} → {yen_text(obj.owed)}"
        return format_html("{}<br>{} {}", change, gettext("Difference"), yen_text(obj.amount))

    @display(description=_("Difference"), ordering="amount")
    def shown_amount(self, obj: ChargeDifference) -> str:
        return yen_text(obj.amount)

    @display(description=_("Status"), ordering="state", label=STATE_COLOURS)
    def shown_state(self, obj: ChargeDifference) -> tuple[str, str]:
        return obj.state, obj.get_state_display()

    @display(description=_("Invoice"), ordering="invoice")
    def shown_invoice(self, obj: Any) -> str:
        if obj.invoice_pk is None:
            return obj.invoice or "—"
        return _document_link(obj.invoice_pk, obj.invoice)

    @display(description=_("Settled with"), ordering="document")
    def shown_document(self, obj: ChargeDifference) -> str:
        return _document_link(obj.document_id, obj.document.number) if obj.document else "—"

    @admin.action(description=pgettext_lazy("difference", "Accept"), permissions=["act"])
    def accept(self, request: HttpRequest, queryset: Differences) -> HttpResponse | None:
        outcomes = [
            (_("Accepted: to the customer's disadvantage"), acceptable(queryset).against_customers()),
            (_("Accepted: to the customer's advantage"), acceptable(queryset).for_customers()),
        ]
        return self._decide(request, queryset, _("Accept differences"), outcomes, _accepted)

    @admin.action(description=pgettext_lazy("difference", "Waive"), permissions=["act"])
    def waive(self, request: HttpRequest, queryset: Differences) -> HttpResponse | None:
        outcomes = [
            (_("Waived: to the customer's disadvantage"), waivable(queryset).against_customers()),
            (_("Waived: to the customer's advantage"), waivable(queryset).for_customers()),
        ]

        def propose(chosen: Differences, reason: str, staff: User) -> SafeString | str:
            return _proposed(waivable(chosen), chosen.none(), reason, staff)

        title = _("Waive differences")
        return self._decide(request, queryset, title, outcomes, propose, DIFFERENCE_WAIVER)

    @admin.action(description=FOR_CUSTOMERS, permissions=["act"])
    def decide_for_customers(self, request: HttpRequest, queryset: Differences) -> HttpResponse | None:
        outcomes = [
            (_("Accepted: to the customer's advantage"), acceptable(queryset).for_customers()),
            (_("Waived: to the customer's disadvantage"), waivable(queryset).against_customers()),
        ]

        def propose(chosen: Differences, reason: str, staff: User) -> SafeString | str:
            waived = waivable(chosen).against_customers()
            return _proposed(waived, acceptable(chosen).for_customers(), reason, staff)

        return self._decide(request, queryset, FOR_CUSTOMERS, outcomes, propose, DIFFERENCE_WAIVER)

    def _decide(
        self,
        request: HttpRequest,
        chosen: Differences,
        title: Any,
        outcomes: list[Outcome],
        decide: Callable[[Differences, str, User], SafeString | str],
        kind: Kind[Any] | None = None,
    ) -> HttpResponse | None:
        """The page of a decision on chosen rows: what follows for how many, and a field for the reason."""
        facts, decided = _facts(chosen, outcomes)
        if not decided:
            messages.warning(request, gettext("Of what you chose, nothing waits for that decision."))
            return None
        seen = _seen(chosen)

        def act(staff: User, data: dict[str, Any]) -> SafeString | str:
            if data["seen_hash"] != seen:
                text = gettext("The differences changed meanwhile. Go back and look at them again.")
                raise ValidationError(text)
            return decide(chosen, data["reason"], staff)

        page = ActionPage(
            title=title,
            button=_("Propose") if kind else title,
            form=partial(DecisionForm, initial={"seen_hash": seen}),
            act=act,
            facts=facts,
            kind=kind,
        )
        return run_chosen_action(self, request, page)


def _document_link(pk: int | None, number: str) -> str:
    url = reverse("admin:billing_invoice_change", args=[pk])
    return format_html('<span class="whitespace-nowrap">{}</span>', link(url, number))


def _accepted(chosen: Differences, reason: str, staff: User) -> str:
    return _said(accept_differences(chosen, reason, staff))


def _said(count: int) -> str:
    text = ngettext("%(count)s difference is decided.", "%(count)s differences are decided.", count)
    return text % {"count": f"{count:,}"}


@transaction.atomic
def _proposed(waived: Differences, accepted: Differences, reason: str, staff: User) -> SafeString | str:
    """Propose a waiver to each provider's second person; what is accepted beside it goes with it."""
    by_provider: dict[int, DifferencesData] = {}
    for rows, name in ((waived, "waived"), (accepted, "accepted")):
        for pk, provider in rows.values_list("pk", "contract__service__provider"):
            wanted = by_provider.setdefault(provider, DifferencesData(waived=[], accepted=[], reason=reason))
            getattr(wanted, name).append(pk)
    outcomes = [
        told(put_forward(DIFFERENCE_WAIVER, wanted, staff, now()))
        if wanted.waived
        else _accepted(ChargeDifference.objects.filter(pk__in=wanted.accepted), reason, staff)
        for wanted in by_provider.values()
    ]
    return format_html_join(" ", "{}", ((outcome,) for outcome in outcomes))


def _facts(chosen: Differences, outcomes: list[Outcome]) -> tuple[list[tuple[Any, Any]], int]:
    """What a decision would do to how many, with their sum; and how many are decided by it."""
    facts: list[tuple[Any, Any]] = []
    decided = 0
    for label, found in outcomes:
        count, amount = _summed(found)
        decided += count
        facts.append((label, _counted(count, amount)))
    if rest := chosen.count() - decided:
        facts.append((_("Stay as they are"), _counted(rest)))
    return facts, decided


def _summed(found: Differences) -> tuple[int, int]:
    sums = found.order_by().aggregate(count=Count("pk"), amount=Sum("amount", default=0))
    return sums["count"], sums["amount"]


def _counted(count: int, amount: int | None = None) -> str:
    number = ngettext("%(count)s difference", "%(count)s differences", count) % {"count": f"{count:,}"}
    if amount is None or not count:
        return number
    return gettext("%(number)s, %(amount)s without tax") % {"number": number, "amount": yen_text(amount)}


def _seen(chosen: Differences) -> str:
    """A hash of what was chosen, as it was when the page was shown."""
    rows = chosen.order_by("pk").values_list("pk", "amount", "state")
    return hashlib.sha256(repr(list(rows)).encode()).hexdigest()


def _sums(found: Differences) -> Iterator[dict[str, Any]]:
    """Counts and sums by state and cause, and by state, in the order of the states."""
    rows = found.order_by().values_list("state", "cause").annotate(Count("pk"), Sum("amount"))
    sums = {(state, cause): (count, amount) for state, cause, count, amount in rows}
    for state in State:
        of_state = {cause: sums[state, cause] for cause in Cause if (state, cause) in sums}
        if of_state:
            yield {
                "label": state.label,
                "cells": [_cell(of_state.get(cause), state=state, cause=cause) for cause in Cause],
                "total": _cell(tuple(map(sum, zip(*of_state.values(), strict=True))), state=state),
            }


def _cell(summed: Any, **narrowed: str) -> dict[str, Any] | None:
    """A count and a sum, with the list of what is counted; None where there is nothing."""
    if summed is None:
        return None
    query = urlencode({f"{name}__exact": value for name, value in narrowed.items()})
    return {"count": summed[0], "amount": yen_text(summed[1]), "query": query}
