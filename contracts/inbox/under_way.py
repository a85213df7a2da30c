"""What a customer has asked for and is not done yet: applications, requests, and refusals of new terms."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from contracts.consents.renewals import open_refusals
from contracts.extensions.kinds import ends_contract, kind_label
from contracts.inbox.waiting import for_change_mail, for_completion
from contracts.models import Application, Consent, Contract, ContractRequest
from portal.organisations.models import Membership

SHOWN = 10


@dataclass(frozen=True)
class UnderWay:
    """Something that a customer sent, with its state; `key` is the state's, for its looks."""

    text: str
    number: str
    about: str
    sent_at: datetime
    key: str
    state: str
    url: str


def requests_under_way(contracts: Iterable[Contract] | QuerySet[Contract]) -> QuerySet[ContractRequest]:
    """Requests on contracts that are undecided, or accepted and take effect with something still to come."""
    to_begin = Q(pk__in=for_completion().values("pk")) | Q(pk__in=for_change_mail().values("pk"))
    undone = ContractRequest.objects.filter(Q(status__in=ContractRequest.OPEN) | to_begin)
    return undone.filter(contract__in=contracts).order_by("-submitted_at", "-pk")


def asked_for(requests: Iterable[ContractRequest]) -> list[ContractRequest]:
    """Those that wait for a decision, what ends the contract first."""
    undecided = (asked for asked in requests if asked.is_open)
    return sorted(undecided, key=lambda asked: not ends_contract(asked.kind))


def under_way(membership: Membership, day: date) -> Sequence[UnderWay]:
    """All of that which a member sees, the newest first, up to `SHOWN` of each."""
    mine = Application.objects.shown_to(membership).filter(status=Application.Status.SUBMITTED)
    applications = mine.select_related("service").order_by("-submitted_at")[:SHOWN]
    requests = requests_under_way(Contract.objects.shown_to(membership)).select_related("contract__service")
    refused = open_refusals(day) & Consent.objects.shown_to(membership)
    found = [
        *map(_application, applications),
        *map(_request, requests[:SHOWN]),
        *map(_refusal, refused.select_related("terms_version__service")[:SHOWN]),
    ]
    return sorted(found, key=lambda one: one.sent_at, reverse=True)


def _application(application: Application) -> UnderWay:
    return UnderWay(
        _("Application"),
        application.number,
        application.service.name,
        application.submitted_at,
        application.status,
        application.get_status_display(),
        reverse("contracts:application-detail", args=[application.number]),
    )


def _request(asked: ContractRequest) -> UnderWay:
    return UnderWay(
        kind_label(asked.kind),
        asked.number,
        f"{asked.contract.service.name} {asked.contract.number}",
        asked.submitted_at,
        asked.status,
        asked.get_status_display() if asked.is_open else _("Accepted, still to take effect"),
        reverse("contracts:contract-request-detail", args=[asked.number]),
    )


def _refusal(consent: Consent) -> UnderWay:
    version = consent.terms_version
    return UnderWay(
        _("Refusal of new terms"),
        "",
        f"{version.service.name} {version.name}",
        consent.at,
        "submitted",
        _("The provider was told"),
        reverse("contracts:consent-renewal", args=[version.service.slug, version.name]),
    )
