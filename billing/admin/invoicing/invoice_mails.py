"""The ledger of e-mails about invoices: what went where, and what has to be sent again."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from billing.admin.mail_ledger import OF_EACH, MailLedgerAdmin, StateFilter
from billing.invoicing.invoice_mails import send_again
from billing.models import InvoiceMail
from billing.tasks import finish_soon, send_soon
from contracts.admin.forms import ConfirmForm
from contracts.admin.pages import ActionPage, run_action
from portal.organisations.models import User


@admin.register(InvoiceMail)
class InvoiceMailAdmin(MailLedgerAdmin):
    list_display = (
        "invoice",
        "about",
        "shown_customer",
        "address",
        "shown_state",
        "claimed_at",
        "accepted_at",
    )
    list_filter = (StateFilter, "invoice__run")
    list_select_related = ("invoice__organisation",)
    search_fields = ("address", "invoice__number", "invoice__organisation__name")
    fields = ("invoice", "about", "shown_customer", *OF_EACH)

    @display(description=_("customer"), ordering="invoice__organisation__name")
    def shown_customer(self, obj: InvoiceMail) -> str:
        return obj.invoice.organisation.name

    @action(description=_("Send again"), url_path="again", permissions=["act"], icon="send")
    def again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        mail = get_object_or_404(InvoiceMail.objects.select_related("invoice__organisation"), pk=object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            chunk = send_again(mail, staff)
            if chunk:
                finish_soon(chunk)
            else:
                send_soon()
            return gettext("The e-mail is being sent again.")

        page = ActionPage(
            title=_("Send again"),
            button=_("Send again"),
            form=ConfirmForm,
            act=act,
            facts=[
                (_("invoice"), mail.invoice.number),
                (_("customer"), mail.invoice.organisation.name),
                (_("Status"), mail.state.label),
                (_("Refusal"), mail.refusal or "—"),
            ],
        )
        return run_action(self, request, object_id, page)
