"""Deposits: asked for, received, set against what is unpaid, returned."""

from collections.abc import Collection
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from billing.admin.receivables.deposit_forms import (
    DepositForm,
    DepositReceiptForm,
    DepositReturnForm,
    DepositUseForm,
)
from billing.admin.receivables.letters import letter_link
from billing.approvals.deposit_requests import DEPOSIT_REQUEST, DepositRequestData
from billing.approvals.deposit_uses import DEPOSIT_USE, DepositUseData
from billing.approvals.deposits import DEPOSIT_RETURN, DepositReturnData
from billing.models import Deposit, DepositLetter
from billing.pricing.deciding import version_on
from billing.receivables.deposit_mails import deposit_mail
from billing.receivables.deposits import left_of, receive_deposit
from contracts.admin.html import explained, lines
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action, run_list_action
from contracts.admin.proposing import proposing
from contracts.wording.formats import yen_text
from portal.approvals.kinds import Kind
from portal.organisations.models import User


@admin.register(Deposit)
class DepositAdmin(ReadOnlyAdmin):
    list_display = (
        "contract",
        "shown_amount",
        "asked_on",
        "pay_by",
        "received_on",
        "shown_left",
        "returned_on",
    )
    list_select_related = ("contract",)
    list_filter = (
        ("received_on", admin.EmptyFieldListFilter),
        ("returned_on", admin.EmptyFieldListFilter),
        "contract__service",
    )
    search_fields = ("contract__number", "contract__organisation__name", "reference")
    fields = (
        "contract",
        "shown_amount",
        "asked_on",
        "asked_by",
        "pay_by",
        "expected",
        "reason",
        "shown_decision",
        "received_on",
        "reference",
        "shown_uses",
        "shown_letters",
        "shown_left",
        "used_up_on",
        "returned_on",
        "returned_amount",
    )
    actions_list = ("ask",)
    actions_detail = ("receive", "use", "give_back")

    def offered(self, obj: Deposit) -> Collection[str]:
        if obj.returned_on or obj.used_up_on:
            return ()
        if not obj.received_on:
            return ("receive",)
        return ("use", "give_back")

    @display(description=_("Amount"), ordering="amount")
    def shown_amount(self, obj: Deposit) -> str:
        return yen_text(obj.amount)

    @display(description=_("Left"))
    def shown_left(self, obj: Deposit) -> str:
        return yen_text(left_of(obj))

    @display(description=_("Set against"))
    def shown_uses(self, obj: Deposit) -> str:
        return lines(
            f"{use.payment.paid_on:%Y-%m-%d} {use.payment.invoice.number} {yen_text(use.payment.amount)}"
            for use in obj.uses.select_related("payment__invoice")
        )

    @display(description=_("Letters"))
    def shown_letters(self, obj: Deposit) -> str:
        return lines(
            letter_link(
                letter,
                "billing:deposit-letter-pdf",
                f"{letter.issued_on:%Y-%m-%d} {letter.get_kind_display()}{_sent(letter)}",
            )
            for letter in obj.letters.select_related("mail")
        )

    @display(description=_("Steps"))
    def shown_decision(self, obj: Deposit) -> str:
        return explained(obj.decided, version_on(obj.contract, obj.asked_on))

    @action(
        description=_("Ask for a deposit"),
        url_path="ask",
        permissions=["act"],
        variant=ActionVariant.PRIMARY,
    )
    def ask(self, request: HttpRequest) -> HttpResponse:
        def wanted(data: dict[str, Any]) -> DepositRequestData:
            return DepositRequestData(**{**data, "contract": data["contract"].number})

        page = ActionPage(
            title=_("Ask for a deposit"),
            button=_("Propose"),
            form=DepositForm,
            act=proposing(request, DEPOSIT_REQUEST, wanted),
            kind=DEPOSIT_REQUEST,
        )
        return run_list_action(self, request, page)

    @action(
        description=_("Record its receipt"),
        url_path="receive",
        permissions=["act"],
        variant=ActionVariant.PRIMARY,
    )
    def receive(self, request: HttpRequest, object_id: str) -> HttpResponse:
        deposit = get_object_or_404(Deposit, pk=object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            receive_deposit(deposit, data["received_on"], data["reference"], staff)
            return gettext("The receipt is recorded.")

        return self._page(request, deposit, _("Record its receipt"), _("Record"), DepositReceiptForm, act)

    @action(description=_("Set against an invoice"), url_path="use", permissions=["act"])
    def use(self, request: HttpRequest, object_id: str) -> HttpResponse:
        deposit = get_object_or_404(Deposit, pk=object_id)

        def wanted(data: dict[str, Any]) -> DepositUseData:
            return DepositUseData(deposit=deposit.pk, invoice=data["invoice"].pk)

        act, kind = proposing(request, DEPOSIT_USE, wanted), DEPOSIT_USE
        title, form = _("Set against an invoice"), DepositUseForm
        return self._page(request, deposit, title, _("Propose"), form, act, kind=kind)

    @action(description=_("Record its return"), url_path="give-back", permissions=["act"])
    def give_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        deposit = get_object_or_404(Deposit, pk=object_id)

        def wanted(data: dict[str, Any]) -> DepositReturnData:
            return DepositReturnData(deposit=deposit.pk, returned_on=data["returned_on"])

        act, kind = proposing(request, DEPOSIT_RETURN, wanted), DEPOSIT_RETURN
        title, form = _("Record its return"), DepositReturnForm
        return self._page(request, deposit, title, _("Propose"), form, act, kind=kind)

    def _page(
        self,
        request: HttpRequest,
        deposit: Deposit,
        title: Any,
        button: Any,
        form: Any,
        act: Any,
        *,
        kind: Kind[Any] | None = None,
    ) -> HttpResponse:
        facts = [
            (_("contract"), deposit.contract.number),
            (_("Amount"), yen_text(deposit.amount)),
            (_("Left"), yen_text(left_of(deposit))),
        ]
        page = ActionPage(title=title, button=button, form=form, act=act, facts=facts, kind=kind)
        return run_action(self, request, str(deposit.pk), page)


def _sent(letter: DepositLetter) -> str:
    """What became of a letter's e-mail; letters from before the ledger have none."""
    mail = deposit_mail(letter)
    return f" · {mail.state.label}" if mail else ""
