"""The ledger of e-mails about deposits: which letter went where, and what has to be sent again."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from billing.admin.mail_ledger import OF_EACH, MailLedgerAdmin, StateFilter
from billing.models import DepositMail
from billing.receivables.deposit_mails import send_deposit_mail_again
from billing.tasks import send_soon
from contracts.admin.forms import ConfirmForm
from contracts.admin.html import link
from contracts.admin.pages import ActionPage, run_action
from portal.organisations.models import User


@admin.register(DepositMail)
class DepositMailAdmin(MailLedgerAdmin):
    list_display = (
        "shown_letter",
        "shown_contract",
        "shown_customer",
        "address",
        "shown_state",
        "claimed_at",
        "accepted_at",
    )
    list_filter = (StateFilter, "letter__kind", "letter__provider")
    list_select_related = ("letter__organisation", "letter__deposit__contract")
    search_fields = ("address", "letter__deposit__contract__number", "letter__organisation__name")
    fields = ("shown_letter", "shown_contract", "shown_customer", *OF_EACH, "shown_pdf")

    @display(description=_("letter about a deposit"), ordering="letter__issued_on")
    def shown_letter(self, obj: DepositMail) -> str:
        return f"{obj.letter.issued_on:%Y-%m-%d} {obj.letter.get_kind_display()}"

    @display(description=_("contract"), ordering="letter__deposit__contract__number")
    def shown_contract(self, obj: DepositMail) -> str:
        return obj.letter.deposit.contract.number

    @display(description=_("customer"), ordering="letter__organisation__name")
    def shown_customer(self, obj: DepositMail) -> str:
        return obj.letter.organisation.name

    @display(description=_("PDF"))
    def shown_pdf(self, obj: DepositMail) -> str:
        return link(reverse("billing:deposit-letter-pdf", args=[obj.letter_id]), "PDF")

    @action(description=_("Send again"), url_path="again", permissions=["act"], icon="send")
    def again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        mail = get_object_or_404(DepositMail.objects.select_related(*self.list_select_related), pk=object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            send_deposit_mail_again(mail, staff)
            send_soon()
            return gettext("The e-mail is being sent again.")

        page = ActionPage(
            title=_("Send again"),
            button=_("Send again"),
            form=ConfirmForm,
            act=act,
            facts=[
                (_("letter about a deposit"), self.shown_letter(mail)),
                (_("customer"), mail.letter.organisation.name),
                (_("Status"), mail.state.label),
                (_("Refusal"), mail.refusal or "—"),
            ],
        )
        return run_action(self, request, object_id, page)
