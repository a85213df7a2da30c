"""Who may be the same customer: other applications and contracts of the same number or name."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from contracts.models import Application, Contract, ContractRequest
from portal.organisations.models import Organisation

MOST = 20


@dataclass(frozen=True)
class Lookalike:
    """What may be of the same customer. `same` is a key that says by what it was found."""

    found: Application | Contract | ContractRequest
    organisation: Organisation
    same: str


def lookalikes(target: Application | ContractRequest) -> list[Lookalike]:
    """What else there is of the organisation, or of one with its corporate number, its name or its kana.

    Of an application: other open applications with its provider, and contracts that go on. Of a request: what
    else waits on the contract. At most `MOST`, the newest first.
    """
    if isinstance(target, ContractRequest):
        others = target.contract.requests.filter(status__in=ContractRequest.OPEN).exclude(pk=target.pk)
        organisation = target.contract.organisation
        return [Lookalike(one, organisation, "organisation") for one in others[:MOST]]
    organisation = target.acting_organisation
    alike = {
        "organisation__in": organisations_like(organisation),
        "service__provider": target.service.provider_id,
    }
    applications = (
        Application.objects.filter(status=Application.Status.SUBMITTED, **alike)
        .exclude(pk=target.pk)
        .select_related("organisation", "service")
    )
    contracts = (
        Contract.objects.filter(end_kind="", **alike)
        .exclude(application=target)
        .select_related("organisation", "service")
        .order_by("-applied_at")
    )
    found: list[Application | Contract] = [*applications[:MOST], *contracts[:MOST]]
    return [Lookalike(one, one.organisation, _same(organisation, one.organisation)) for one in found][:MOST]


def organisations_named(name: str, corporate_number: str) -> QuerySet[Organisation]:
    """The organisations of a name, or of a corporate number where there is one."""
    alike = Q(name=name)
    if corporate_number:
        alike |= Q(corporate_number=corporate_number)
    return Organisation.objects.filter(alike, united_into__isnull=True)


def organisations_like(organisation: Organisation) -> QuerySet[Organisation]:
    """An organisation, and those with its corporate number, its name or its kana."""
    alike = Q(pk=organisation.pk) | Q(name=organisation.name)
    if organisation.corporate_number:
        alike |= Q(corporate_number=organisation.corporate_number)
    if organisation.kana:
        alike |= Q(kana=organisation.kana)
    return Organisation.objects.filter(alike, united_into__isnull=True)


def _same(organisation: Organisation, other: Organisation) -> str:
    if other.pk == organisation.pk:
        return "organisation"
    number = organisation.corporate_number
    if number and number == other.corporate_number:
        return "corporate_number"
    return "name"
