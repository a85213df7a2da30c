"""Where the rules of a contract come from, layer by layer."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate

from contracts.forms.comparison import DayForm
from contracts.models import Contract
from contracts.policies.rulebooks import governing_version
from contracts.views.seen import seen_contract
from contracts.wording.origins import shown_layers


@login_required
def contract_rules(request: HttpRequest, number: str) -> HttpResponse:
    """The rules of a contract on the day `on` (today, where none is given), each below what decides it."""
    contracts = Contract.objects.select_related(
        "service__provider", "contracted_version__service", "application__agent"
    ).prefetch_related("agents__agent", "agreements")
    contract = seen_contract(request, contracts, number)
    today = localdate()
    form = DayForm(request.GET if "on" in request.GET else None, initial={"on": today})
    on = form.cleaned_data["on"] if form.is_valid() else today
    version = governing_version(contract, on)
    return render(
        request,
        "contracts/contract_rules.html",
        {"contract": contract, "form": form, "on": on, "version": version, "layers": shown_layers(version)},
        status=400 if form.errors else 200,
    )
