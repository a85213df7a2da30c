"""A customer's claims for outages of a contract: those that were sent, and the form for another one."""

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from billing.adjustments.outage_claims import (
    ClaimedOutage,
    claim_outage,
    claimable_until,
    outage_rules,
    owes_damage,
    withdraw_claim,
)
from contracts.forms.fields import AmountField, MomentField
from contracts.forms.problems import add_problems
from contracts.models import Contract
from contracts.policies.rulebooks import governing_version
from contracts.requests.fields import long_text_field
from contracts.wording.products import product_line
from portal.organisations.access import OrganisationRequest, right_required
from portal.organisations.members.rights import Right

_MOMENT = {"placeholder": "2026-10-05 09:30"}


class OutageClaimForm(forms.Form):
    """What was out, from when to when; the damage is asked for where the terms owe that."""

    begins_at = MomentField(label=gettext_lazy("Down since"), widget=forms.TextInput(attrs=_MOMENT))
    ends_at = MomentField(label=gettext_lazy("Down until"), widget=forms.TextInput(attrs=_MOMENT))
    product = forms.ChoiceField(label=gettext_lazy("What was out"), required=False)
    what = long_text_field(gettext_lazy("What could not be used"), max_length=2000)
    damage = AmountField(
        label=gettext_lazy("Actual damage"),
        min_value=1,
        help_text=gettext_lazy("In yen. The terms owe the damage that really arose, up to a limit."),
    )
    submission_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, contract: Contract, data: Any = None) -> None:
        super().__init__(data, initial={"submission_key": uuid4()})
        policy = governing_version(contract, localdate()).policy
        held = {item.product for item in contract.items.all()}
        options = [product for product in policy.products if product.key in held and product.kind == "option"]
        self.fields["product"].choices = [  # type: ignore[attr-defined]
            ("", _("The whole service")),
            *((product.key, product_line(policy, product.key, 1).name) for product in options),
        ]
        if not options:
            del self.fields["product"]
        if not owes_damage(policy.charging.outages):
            del self.fields["damage"]
        for field in self.fields.values():
            field.error_messages["required"] = _("Enter this.")

    def claimed(self) -> tuple[ClaimedOutage, UUID]:
        """What was entered, and the key of the sending; only of a valid form."""
        entered = dict(self.cleaned_data)
        key = entered.pop("submission_key")
        return ClaimedOutage(**entered), key


@right_required(Right.BILLING, looking=True)
def outages(request: OrganisationRequest, number: str) -> HttpResponse:
    """The claims of a contract, and a form for another one, which counts from the moment of its sending."""
    contract = _own(request, number)
    form = OutageClaimForm(contract, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            claim_outage(contract, request.user, *_sent(form))
        except ValidationError as error:
            add_problems(form, error)
        else:
            messages.success(request, _("We received your claim, and confirm it by e-mail."))
            return redirect("billing:contract-outages", number)
    version = governing_version(contract, localdate())
    return render(
        request,
        "billing/outage_claims.html",
        {
            "contract": contract,
            "version": version,
            "rules": outage_rules(contract, localdate()),
            "claims": [
                (claim, claimable_until(claim))
                for claim in contract.outage_claims.select_related("outage__credit__invoice")
            ],
            "form": form,
        },
    )


def _sent(form: OutageClaimForm) -> tuple[ClaimedOutage, Any, UUID]:
    claimed, key = form.claimed()
    return claimed, now(), key


@right_required(Right.BILLING)
@require_POST
def withdraw(request: OrganisationRequest, number: str, pk: int) -> HttpResponse:
    """Take back a claim that waits."""
    claim = get_object_or_404(_own(request, number).outage_claims, pk=pk)
    try:
        withdraw_claim(claim, request.user, now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The claim was taken back."))
    return redirect("billing:contract-outages", number)


def _own(request: OrganisationRequest, number: str) -> Contract:
    """A formed contract that the request's organisation holds; otherwise Http404."""
    held = Contract.objects.shown_to(request.membership).filter(formed_on__isnull=False)
    found = held.select_related("service__provider", "organisation", "application")
    return get_object_or_404(found, number=number)
