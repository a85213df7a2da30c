from django.urls import path

from billing.views import invoices

app_name = "billing"

urlpatterns = [
    path("invoices/", invoices.invoice_list, name="invoice-list"),
    path("invoices/<str:number>/", invoices.invoice_detail, name="invoice-detail"),
    path("invoices/<str:number>/pdf/", invoices.invoice_pdf, name="invoice-pdf"),
    path("invoices/<str:number>/xml/", invoices.invoice_einvoice, name="invoice-einvoice"),
]
