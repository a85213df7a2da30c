"""The life of a contract, and the contract of any day."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate

from contracts.forms.comparison import DayForm
from contracts.lifecycle.as_of import as_of
from contracts.models import Contract
from contracts.views.seen import seen_contract


@login_required
def contract_timeline(request: HttpRequest, number: str) -> HttpResponse:
    """Past and coming, and what the contract states on the day `on` (today, where none is given)."""
    contracts = Contract.objects.select_related(
        "service__provider", "contracted_version__service", "application__organisation", "organisation"
    )
    contract = seen_contract(request, contracts, number)
    today = localdate()
    form = DayForm(request.GET if "on" in request.GET else None, initial={"on": today})
    on = form.cleaned_data["on"] if form.is_valid() else today
    return render(
        request,
        "contracts/contract_timeline.html",
        {"contract": contract, "form": form, "shown": as_of(contract, on)},
        status=400 if form.errors else 200,
    )
