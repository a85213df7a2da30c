"""What customers have to their credit: statements of account, set-offs, payouts."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from billing.admin.receivables.forms import PayoutForm, SetOffForm
from billing.admin.receivables.letters import letter_link
from billing.approvals.payouts import PAYOUT, PayoutData
from billing.approvals.set_offs import SET_OFF, SetOffData
from billing.models import CreditBalance, SetOff
from billing.receivables.held import free_of, release_held
from billing.receivables.open_items import credit_that_covers
from billing.receivables.set_offs import Plan, preview_set_off
from contracts.admin.forms import ConfirmForm
from contracts.admin.html import lines, link
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action
from contracts.admin.proposing import proposing
from contracts.wording.formats import day_text, yen_text
from portal.organisations.models import User


class CoversFilter(admin.SimpleListFilter):
    """Balances that are enough for an open invoice of the customer."""

    title = _("Covers")
    parameter_name = "covers"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("invoice", _("An open invoice"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() != "invoice":
            return queryset
        return queryset.filter(pk__in=credit_that_covers().values("pk"))


@admin.register(CreditBalance)
class CreditBalanceAdmin(ReadOnlyAdmin):
    list_display = ("organisation", "provider", "shown_amount")
    list_select_related = ("organisation", "provider")
    list_prefetch_related = ("provider__particulars",)
    list_filter = (CoversFilter, "provider")
    search_fields = ("organisation__name", "organisation__kana")
    fields = ("organisation", "provider", "shown_amount", "shown_entries", "shown_statement")
    actions_detail = ("set_off", "pay_out", "release")

    def offered(self, obj: Any) -> tuple[str, ...]:
        free = free_of(obj)
        return (*(("set_off", "pay_out") if free else ()), *(("release",) if free < obj.amount else ()))

    @display(description=_("Credit"), ordering="amount")
    def shown_amount(self, obj: CreditBalance) -> str:
        return yen_text(obj.amount)

    @display(description=_("Entries"))
    def shown_entries(self, obj: CreditBalance) -> str:
        return lines(
            f"{entry.on:%Y-%m-%d} {yen_text(entry.amount)} {entry.get_kind_display()}"
            + (f" ({entry.claim.number})" if entry.claim else "")
            for entry in obj.entries.select_related("claim")
        )

    @display(description=_("Statement of account"))
    def shown_statement(self, obj: CreditBalance) -> str:
        url = reverse("billing:statement-of", args=[obj.provider.code, obj.organisation_id])
        return link(url, gettext("Have it made"))

    @action(
        description=_("Set off"),
        url_path="set-off",
        permissions=["act"],
        icon="balance",
        variant=ActionVariant.PRIMARY,
    )
    def set_off(self, request: HttpRequest, object_id: str) -> HttpResponse:
        balance = get_object_or_404(
            CreditBalance.objects.select_related("organisation", "provider"), pk=object_id
        )

        page = ActionPage(
            title=gettext("Set credit off against open invoices"),
            button=_("Propose"),
            form=partial(SetOffForm, balance),
            act=proposing(request, SET_OFF, lambda data: SetOffData(balance=balance.pk, **data)),
            kind=SET_OFF,
            preview=lambda data: _previewed(preview_set_off(balance, data["on"], data["invoices"])),
            facts=_facts(balance),
        )
        return run_action(self, request, object_id, page)

    @action(description=_("Pay out"), url_path="pay-out", permissions=["act"], icon="payments")
    def pay_out(self, request: HttpRequest, object_id: str) -> HttpResponse:
        balance = get_object_or_404(
            CreditBalance.objects.select_related("organisation", "provider"), pk=object_id
        )

        page = ActionPage(
            title=gettext("Pay credit out"),
            button=_("Propose"),
            form=PayoutForm,
            act=proposing(request, PAYOUT, lambda data: PayoutData(balance=balance.pk, **data)),
            facts=_facts(balance),
            kind=PAYOUT,
        )
        return run_action(self, request, object_id, page)

    @action(
        description=_("Let go of what is kept"),
        url_path="release",
        permissions=["act"],
        icon="lock_open",
    )
    def release(self, request: HttpRequest, object_id: str) -> HttpResponse:
        balance = get_object_or_404(
            CreditBalance.objects.select_related("organisation", "provider"), pk=object_id
        )

        def act(staff: User, data: dict[str, Any]) -> str:
            freed = release_held(balance, staff)
            return gettext("%(amount)s is free: it can be set off or paid out.") % {"amount": yen_text(freed)}

        page = ActionPage(
            title=gettext("Let go of what is kept until the full amount of an invoice has come in"),
            button=_("Let go of what is kept"),
            form=ConfirmForm,
            act=act,
            facts=_facts(balance),
        )
        return run_action(self, request, object_id, page)


def _previewed(plan: Plan) -> list[tuple[Any, str]]:
    """What is set off against what, and what is left of the credit."""
    shares = [
        (
            share.number,
            gettext("%(amount)s of %(open)s, as if paid on %(day)s")
            % {
                "amount": yen_text(share.amount),
                "open": yen_text(plan.invoices[share.number].open_amount),
                "day": day_text(share.on),
            },
        )
        for share in plan.shares
    ]
    left = yen_text(plan.credit - plan.amount)
    return [*shares, (_("Amount"), yen_text(plan.amount)), (_("Free credit afterwards"), left)]


def _facts(balance: CreditBalance) -> list[tuple[Any, str]]:
    free = free_of(balance)
    return [
        (_("organisation"), balance.organisation.name),
        (_("Free credit"), yen_text(free)),
        (_("Kept for invoices"), yen_text(balance.amount - free)),
    ]


@admin.register(SetOff)
class SetOffAdmin(ReadOnlyAdmin):
    list_display = ("issued_on", "organisation", "provider", "shown_amount")
    list_display_links = ("issued_on", "organisation")
    list_select_related = ("organisation", "provider")
    list_prefetch_related = ("provider__particulars",)
    list_filter = ("provider",)
    date_hierarchy = "issued_on"
    fields = ("organisation", "provider", "issued_on", "shown_amount", "shown_payments", "shown_pdf")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("payments__invoice")

    @display(description=_("Amount"), ordering="amount")
    def shown_amount(self, obj: SetOff) -> str:
        return yen_text(obj.amount)

    @display(description=_("Invoices"))
    def shown_payments(self, obj: SetOff) -> str:
        return lines(f"{payment.invoice.number} {yen_text(payment.amount)}" for payment in obj.payments.all())

    @display(description=_("PDF"))
    def shown_pdf(self, obj: SetOff) -> str:
        return letter_link(obj, "billing:set-off-pdf", "PDF")
