"""A customer's declarations of set-offs against an invoice, and the form for another one."""

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import Invoice, SetOffDeclaration
from billing.receivables.open_items import Terms
from billing.receivables.set_offs import declare_set_off
from billing.views.invoices import by_number
from contracts.forms.fields import AmountField
from contracts.forms.problems import add_problems
from contracts.requests.fields import long_text_field
from portal.organisations.access import OrganisationRequest, right_required
from portal.organisations.members.rights import Right


class SetOffForm(forms.Form):
    amount = AmountField(label=gettext_lazy("Amount"), min_value=1, help_text=gettext_lazy("In yen."))
    claim = long_text_field(
        gettext_lazy("Own claim"),
        max_length=2000,
        help_text=gettext_lazy("What you claim of the provider, for what, and since when it is due."),
    )
    submission_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"submission_key": uuid4()})
        for field in self.fields.values():
            field.error_messages["required"] = _("Enter this.")


@right_required(Right.BILLING, looking=True)
def set_offs(request: OrganisationRequest, number: str) -> HttpResponse:
    """The declarations against an invoice, and the form for another one while anything is open of it."""
    invoices = request.membership.seen_of(
        Invoice.objects.claims().filter(debtor=request.organisation), "contract"
    )
    invoice = by_number(invoices.select_related("provider", "contract__service"), number)
    form = SetOffForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        entered = form.cleaned_data
        try:
            declare_set_off(
                invoice, request.user, entered["amount"], entered["claim"], now(), entered["submission_key"]
            )
        except ValidationError as error:
            add_problems(form, error)
        else:
            messages.success(request, _("We received your declaration, and confirm it by e-mail."))
            return redirect("billing:invoice-set-offs", number)
    version = Terms(localdate()).version(invoice)
    return render(
        request,
        "billing/set_offs.html",
        {
            "invoice": invoice,
            "version": version,
            "rule": version.policy.charging.set_off if version else None,
            "declarations": SetOffDeclaration.objects.filter(
                invoice=invoice, organisation=request.organisation
            ),
            "form": form,
        },
    )
