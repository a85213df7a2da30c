"""At which prices sales agents sell, and what stands in the way of another agent."""

from datetime import date

from django.utils.translation import gettext as _

from billing.models import Adjustment, Deposit, Invoice, OutageClaim, PriceListVersion, UsageRecord
from contracts.models import Contract, SalesAgent


def is_priced(agent: SalesAgent, day: date) -> bool:
    """Whether there are prices at which an agent sells on a day: its own, or those of the provider."""
    lists = PriceListVersion.objects.filter(service=agent.service_id, effective_on__lte=day)
    return lists.filter(agent=agent).exists() or lists.filter(agent__isnull=True).exists()


def unsettled(contract: Contract) -> list[str]:
    """What of a contract is open: unpaid invoices, what waits to be invoiced, a deposit, claims.

    Who issued the invoices, holds the deposit, or is to answer the claim, is the agent as it is now.
    """
    invoices = Invoice.objects.claims().filter(contract=contract, open_amount__gt=0)
    numbers = invoices.values_list("number", flat=True)
    found = [_("invoice %(number)s") % {"number": number} for number in numbers]
    if Deposit.objects.filter(contract=contract, returned_on__isnull=True, used_up_on__isnull=True).exists():
        found.append(_("a deposit that is neither used up nor returned"))
    if OutageClaim.objects.filter(contract=contract, state=OutageClaim.State.SUBMITTED).exists():
        found.append(_("a claim for an outage that is not answered yet"))
    if Adjustment.objects.pending().filter(contract=contract).exists():
        found.append(_("charges or credits that are not invoiced yet"))
    if UsageRecord.objects.standing().filter(contract=contract, invoice__isnull=True).exists():
        found.append(_("usage that is not invoiced yet"))
    return found
