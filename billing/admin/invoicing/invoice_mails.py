"""E-mails about invoices, before the outbox."""

from django.contrib import admin

from billing.admin.moved import MovedAdmin
from billing.invoicing.invoice_mail_text import CANCELLED, ISSUED
from billing.models import InvoiceMail


@admin.register(InvoiceMail)
class InvoiceMailAdmin(MovedAdmin):
    kinds = (ISSUED, CANCELLED)

    @staticmethod
    def about(obj: InvoiceMail) -> int:
        return obj.invoice_id
