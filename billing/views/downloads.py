"""What customers take out about money: invoices as one ZIP, lists as spreadsheets."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet, TextChoices
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from billing.invoicing.exports import export_documents
from billing.invoicing.search import InvoiceSearch
from billing.models import Invoice
from billing.statements.lists import invoices_out, own_payments, payments_out, shown_between
from contracts.forms.fields import DayField
from contracts.views.exports import taken_by
from portal.audit.exports.lists import sent_as, take_out
from portal.formats.spreadsheets import Format
from portal.organisations.access import OrganisationRequest, right_required
from portal.organisations.members.rights import Right


class What(TextChoices):
    """What is downloaded of a time."""

    DOCUMENTS = "documents", gettext_lazy("All invoices as PDF, with an index (ZIP)")
    INVOICES = "invoices", gettext_lazy("A list of the invoices")
    PAYMENTS = "payments", gettext_lazy("A list of the payments")


class DownloadForm(forms.Form):
    """From which day to which, what, and for lists the format."""

    from_day = DayField(label=gettext_lazy("First day"))
    to_day = DayField(
        label=gettext_lazy("Last day"),
        help_text=gettext_lazy("Invoices count by their issue date, payments by the day of payment."),
    )
    what = forms.ChoiceField(
        label=gettext_lazy("What to download"),
        choices=What.choices,
        initial=What.DOCUMENTS,
        widget=forms.RadioSelect,
    )
    format = forms.ChoiceField(
        label=gettext_lazy("Format of a list"),
        choices=Format.choices,
        initial=Format.XLSX,
        required=False,
        help_text=gettext_lazy("The ZIP holds its index in Excel, as CSV and as a page to read."),
    )

    def __init__(self, data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        for name in ("from_day", "to_day"):
            self.fields[name].widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        for field in self.fields.values():
            field.error_messages["required"] = _("Enter this.")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if "from_day" in given and "to_day" in given and given["to_day"] < given["from_day"]:
            self.add_error("to_day", _("The last day lies before the first."))
        return given


@right_required(Right.BILLING)
def download(request: OrganisationRequest) -> HttpResponseBase:
    """Ask for a time, and hand out what was issued or paid in it."""
    years = _years(request)
    if request.method == "POST":
        form = DownloadForm(request.POST)
        if form.is_valid():
            try:
                return _handed_out(request, form.cleaned_data)
            except ValidationError as error:
                form.add_error(None, error)
    else:
        form = DownloadForm(initial=_days_of(request.GET.get("year", ""), years))
    return render(request, "billing/download.html", {"form": form, "years": years})


def _years(request: OrganisationRequest) -> list[int]:
    """The years in which something was issued to who asks, or paid, the latest first."""
    seen = Invoice.objects.shown_to(request.membership)
    paid = own_payments(seen, request.organisation)
    days = {*seen.dates("issued_on", "year"), *paid.dates("paid_on", "year")}
    return sorted({day.year for day in days}, reverse=True)


def _days_of(text: str, years: Sequence[int]) -> dict[str, date]:
    """The first and the last day of the year that is named, else of the latest one; nothing without any."""
    named = [year for year in years if str(year) == text] or years[:1]
    return {"from_day": date(named[0], 1, 1), "to_day": date(named[0], 12, 31)} if named else {}


def _handed_out(request: OrganisationRequest, wanted: dict[str, Any]) -> HttpResponseBase:
    first, last = wanted["from_day"], wanted["to_day"]
    organisation = request.organisation
    days = {"from_day": first.isoformat(), "to_day": last.isoformat()}
    if wanted["what"] == What.DOCUMENTS:
        invoices = shown_between(request.membership, first, last)
        pieces = export_documents(invoices, request.user, organisation, (first, last))
        return sent_as(pieces, f"invoices-{first:%Y%m%d}-{last:%Y%m%d}.zip", "application/zip")
    if wanted["what"] == What.INVOICES:
        found = shown_between(request.membership, first, last)
        taken = invoices_out(found, organisation, localdate())
    else:
        seen = Invoice.objects.shown_to(request.membership)
        taken = payments_out(own_payments(seen, organisation).filter(paid_on__range=(first, last)))
    form = Format(wanted["format"] or Format.XLSX)
    return take_out(taken, form, request.user, about=organisation, chosen=days)


@right_required(Right.BILLING)
@require_POST
def export_invoices(request: OrganisationRequest) -> HttpResponseBase:
    """The list of invoices as it is searched, all pages of it, or their documents."""
    organisation = request.organisation
    search = InvoiceSearch(Invoice.objects.shown_to(request.membership), organisation, request.GET)
    search.is_valid()
    if request.POST.get("format") == What.DOCUMENTS:
        return _documents_of(request, search.found())
    taken = invoices_out(search.found(), organisation, localdate())
    return taken_by(request, taken, "billing:invoice-list")


def _documents_of(request: OrganisationRequest, invoices: QuerySet[Invoice]) -> HttpResponseBase:
    """The PDFs of invoices as a ZIP; back to the list where there are none, or too many."""
    try:
        pieces = export_documents(invoices, request.user, request.organisation)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("billing:invoice-list")
    return sent_as(pieces, f"invoices-{localdate():%Y%m%d}.zip", "application/zip")
