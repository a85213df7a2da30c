"""What was written to whom about a contract."""

from django.db.models import Q

from contracts.models import Contract
from portal.outbox.kinds import kinds_about
from portal.outbox.models import Mail, MailQuerySet


def mails_on(contract: Contract) -> MailQuerySet:
    """The e-mails on a contract, its application and its requests, the latest first."""
    requests = contract.requests.values("number")
    about = Q(number__in=[contract.number, contract.application.number]) | Q(number__in=requests)
    return Mail.objects.filter(about, kind__in=kinds_about("contracts"))
