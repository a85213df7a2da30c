"""A customer's contracts and requests as spreadsheets, as its member sees them."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from contracts.customers.own_contracts import monthly_fees_of
from contracts.extensions.kinds import kind_label
from contracts.forms.contract_search import ContractSearch
from contracts.models import Contract, ContractRequest, TermsVersion
from contracts.rules.policy.schema import Policy
from contracts.wording.products import product_line
from portal.audit.exports.lists import Column, ListOut, named_list, take_out
from portal.formats.spreadsheets import Format
from portal.formats.workbook import Yen
from portal.organisations.access import OrganisationRequest, organisation_required

CONTRACTS = named_list("customers.contracts", gettext_lazy("Contracts"))
REQUESTS = named_list("customers.requests", gettext_lazy("Requests"))
_AT_ONCE = 500


def format_of(request: HttpRequest) -> Format:
    """The format that a button of a page names; a workbook for one that there is not."""
    named = request.POST.get("format", "")
    return Format(named) if named in Format.values else Format.XLSX


def taken_by(request: OrganisationRequest, taken: ListOut, back: str) -> HttpResponseBase:
    """A list of a customer as a file; who took it stands in what its members did."""
    chosen = request.GET.dict()
    try:
        return take_out(taken, format_of(request), request.user, about=request.organisation, chosen=chosen)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(back)


@organisation_required
@require_POST
def export_contracts(request: OrganisationRequest) -> HttpResponseBase:
    """The contracts that the member sees, as they are searched, in the order of their list."""
    today = localdate()
    search = ContractSearch(Contract.objects.shown_to(request.membership), request.GET)
    search.is_valid()
    return taken_by(request, contracts_out(search.found(today), today), "contracts:contract-list")


def contracts_out(found: QuerySet[Contract], today: date) -> ListOut:
    """Contracts as they stand on a day."""
    policies, fees = _Policies(), monthly_fees_of(found, today).by_contract
    contracts = found.select_related("service__provider").prefetch_related(
        "items", "suspensions", "service__provider__particulars"
    )

    def fee(contract: Contract) -> Yen | None:
        return Yen(fees[contract.pk]) if contract.pk in fees else None

    def products(contract: Contract) -> str:
        used = [item for item in contract.items.all() if item.in_use_on(today)]
        policy = policies.of(contract.contracted_version_id)
        shown = (product_line(policy, item.product, item.quantity) for item in used)
        return "\n".join(f"{line.name} {line.amount}" for line in shown)

    columns = [
        Column("service", _("Service"), lambda one: one.service.name),
        Column("provider", _("Provider"), lambda one: one.service.provider.name),
        Column("number", _("Contract number"), lambda one: one.number),
        Column("formed_on", _("Formed on"), lambda one: one.formed_on),
        Column("service_starts_on", _("Service starts on"), lambda one: one.service_starts_on),
        Column("ends_on", _("Ends on"), lambda one: one.ends_on),
        Column("state", _("Status"), lambda one: str(one.state_on(today).label)),
        Column("products", _("Products"), products),
        Column("monthly_fee", _("Monthly fee (without tax)"), fee),
        Column("payment_method", _("Payment method"), lambda one: one.get_payment_method_display()),
    ]
    return _list(CONTRACTS, columns, contracts)


@organisation_required
@require_POST
def export_requests(request: OrganisationRequest) -> HttpResponseBase:
    """What was asked for on the contracts that the member sees, the latest first."""
    seen = Contract.objects.shown_to(request.membership)
    asked = (
        ContractRequest.objects.filter(contract__in=seen)
        .select_related("contract__service", "requested_by")
        .order_by("-submitted_at", "-pk")
    )
    return taken_by(request, requests_out(asked), "contracts:contract-list")


def requests_out(asked: QuerySet[ContractRequest]) -> ListOut:
    """Requests with what became of them."""
    policies = _Policies()

    def product(one: ContractRequest) -> str:
        if not one.product:
            return ""
        line = product_line(policies.of(one.terms_version_id), one.product, one.quantity)
        return f"{line.name} {line.amount}" if one.quantity else line.name

    columns = [
        Column("number", _("Reception number"), lambda one: one.number),
        Column("kind", _("Kind"), lambda one: kind_label(one.kind)),
        Column("service", _("Service"), lambda one: one.contract.service.name),
        Column("contract", _("Contract number"), lambda one: one.contract.number),
        Column("product", _("Product"), product),
        Column("submitted_at", _("Submitted at"), lambda one: one.submitted_at),
        Column("wanted_on", _("Wanted date"), lambda one: one.wanted_on),
        Column("status", _("Status"), lambda one: one.get_status_display()),
        Column("decided_at", _("Decided at"), lambda one: one.decided_at),
    ]
    return _list(REQUESTS, columns, asked)


def _list(key: str, columns: list[Column], found: QuerySet[Contract] | QuerySet[ContractRequest]) -> ListOut:
    return ListOut(
        key=key, columns=columns, count=found.count(), rows=lambda: found.iterator(chunk_size=_AT_ONCE)
    )


class _Policies:
    """Policies of versions, each read once."""

    def __init__(self) -> None:
        self._known: dict[int, Policy] = {}

    def of(self, version: int) -> Policy:
        if version not in self._known:
            self._known[version] = TermsVersion.objects.get(pk=version).policy
        return self._known[version]
