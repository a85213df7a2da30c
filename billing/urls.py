from django.urls import path

from billing.views import downloads, invoices, outage_claims, payment_methods, receivables, set_offs

app_name = "billing"

urlpatterns = [
    path("invoices/", invoices.invoice_list, name="invoice-list"),
    path("invoices/export/", downloads.export_invoices, name="invoice-list-export"),
    path("invoices/payment-methods/", payment_methods.payment_methods, name="invoice-payment-methods"),
    path("invoices/download/", downloads.download, name="invoice-download"),
    path("invoices/statement/<str:code>/", receivables.own_statement, name="invoice-statement"),
    path("statements/<str:code>/<int:organisation_pk>/", receivables.statement_of, name="statement-of"),
    path(
        "invoices/statement/<str:code>/export/",
        receivables.export_own_statement,
        name="invoice-statement-export",
    ),
    path(
        "statements/<str:code>/<int:organisation_pk>/export/",
        receivables.export_statement_of,
        name="statement-of-export",
    ),
    path("statements/<int:pk>/", receivables.statement_page, name="invoice-statement-progress"),
    path("statements/<int:pk>/pdf/", receivables.statement_pdf, name="invoice-statement-pdf"),
    path("reminders/<int:pk>/pdf/", receivables.reminder_pdf, name="reminder-pdf"),
    path("set-offs/<int:pk>/pdf/", receivables.set_off_pdf, name="set-off-pdf"),
    path("deposit-letters/<int:pk>/pdf/", receivables.deposit_letter_pdf, name="deposit-letter-pdf"),
    path("transfers/<int:pk>/file/", receivables.payout_file, name="payout-file"),
    path("direct-debits/<int:pk>/request/", receivables.debit_request, name="debit-request"),
    path("contracts/<str:number>/outages/", outage_claims.outages, name="contract-outages"),
    path(
        "contracts/<str:number>/outages/<int:pk>/withdraw/",
        outage_claims.withdraw,
        name="contract-outage-withdraw",
    ),
    path("invoices/<str:number>/", invoices.invoice_detail, name="invoice-detail"),
    path("invoices/<str:number>/set-off/", set_offs.set_offs, name="invoice-set-offs"),
    path("invoices/<str:number>/payment/pdf/", invoices.payments_pdf, name="invoice-payment-pdf"),
    path("invoices/<str:number>/pdf/", invoices.invoice_pdf, name="invoice-pdf"),
    path("invoices/<str:number>/xml/", invoices.invoice_einvoice, name="invoice-einvoice"),
]
