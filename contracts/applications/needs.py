"""What an organisation is needed for as the customer of contracts: somebody must be there to answer."""

from collections.abc import Iterator

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from contracts.models import Application, Contract
from portal.organisations.models import Organisation


def contracts_and_applications(organisation: Organisation) -> Iterator[str]:
    """Each contract of an organisation that has not ended, and each application that waits, in words."""
    today = localdate()
    contracts = (
        Contract.objects.filter(organisation=organisation).select_related("service").order_by("number")
    )
    for contract in contracts.prefetch_related("items", "suspensions"):
        if contract.state_on(today) != Contract.State.ENDED:
            yield _("Contract %(number)s (%(service)s) has not ended.") % _named(contract)
    waiting = Application.objects.acted_for_by(organisation).filter(status=Application.Status.SUBMITTED)
    for application in waiting.select_related("service").order_by("number"):
        yield _("Application %(number)s (%(service)s) waits for its answer.") % _named(application)


def _named(about: Contract | Application) -> dict[str, str]:
    return {"number": about.number, "service": str(about.service)}
