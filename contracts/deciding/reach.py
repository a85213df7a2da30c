"""How what contracts store leads to its provider, and which customers a provider has."""

from typing import Any

from django.db.models import Q

from contracts.models import Application, Contract, ContractParty
from portal.staffing.reach import Providers, Way, by_paths

_OF_CONTRACT = (
    "authoriseduser",
    "claim",
    "contractagent",
    "contractitem",
    "contractparticular",
    "contractparty",
    "contractrequest",
    "individualagreement",
    "reminder",
    "suspension",
    "task",
)
_ASKED = ("application__service__provider", "request__contract__service__provider")


def _customers(staff: Any, providers: Providers) -> Q:
    """The organisations that have applied to some providers, or have or had a contract with them."""
    found = Q()
    for model, path in (
        (Application, "service"),
        (Contract, "service"),
        (ContractParty, "contract__service"),
    ):
        rows = model._base_manager.filter(providers.at(f"{path}__provider"))
        found |= Q(pk__in=rows.values("organisation"))
    return found


WAYS: dict[str, Way] = {
    **by_paths(
        "contracts",
        {
            "pk": ("provider",),
            "provider": (
                "companyclosure",
                "customernote",
                "inquiry",
                "posting",
                "providerparticulars",
                "service",
                "takeover",
            ),
            "posting__provider": ("postedmail",),
            "takeover__provider": ("takeoverrow",),
            "inquiry__provider": ("inquirymessage",),
            "service__provider": (
                "application",
                "applicationdraft",
                "contract",
                "examplelife",
                "notice",
                "salesagent",
                "termsversion",
            ),
            "agent__service__provider": ("agentrules",),
            "terms_version__service__provider": ("consent", "policyrevision"),
            "version__service__provider": ("acceptedoutcome", "livesrun"),
            "notice__service__provider": ("noticedelivery",),
            "contract__service__provider": _OF_CONTRACT,
            "application__service__provider": ("applicationitem", "applicationmessage", "identitycheck"),
            "request__contract__service__provider": ("requestmessage",),
            "draft__service__provider": ("draftdocument",),
        },
    ),
    "contracts.receipt": _ASKED,
    "contracts.reviewcheck": _ASKED,
    "contracts.contractdocument": (*_ASKED, "agreement__contract__service__provider"),
    "contracts.issuedletter": (*_ASKED, "contract__service__provider"),
    "contracts.consentchain": None,
    "contracts.numbercounter": None,
    "organisations.organisation": _customers,
}
