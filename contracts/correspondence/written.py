"""What was written to whom about a contract."""

from django.db.models import Q, QuerySet

from contracts.models import Application, Contract, ContractRequest
from portal.outbox.kinds import all_kinds
from portal.outbox.models import Mail


def mails_on(contract: Contract) -> QuerySet[Mail]:
    """The e-mails on a contract, its application and its requests, the latest first."""
    about = (
        _about("contracts.contract", [contract.pk])
        | _about("contracts.application", [contract.application_id])
        | _about("contracts.contractrequest", list(contract.requests.values_list("pk", flat=True)))
    )
    return Mail.objects.filter(about)


def mails_about(asked: Application | ContractRequest) -> QuerySet[Mail]:
    """The e-mails on an application or a request, with those on the contract that an application led to."""
    about = _about(asked._meta.label_lower, [asked.pk])
    contract = Contract.objects.filter(application=asked).first() if isinstance(asked, Application) else None
    return Mail.objects.filter(about | _about("contracts.contract", [contract.pk]) if contract else about)


def _about(model: str, keys: list[int]) -> Q:
    return Q(kind__in=[kind.key for kind in all_kinds() if kind.model == model], about__in=keys)
