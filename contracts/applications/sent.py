"""What can still be done with an application that was sent."""

from datetime import datetime

from contracts.applications.judging import judge_withdrawal
from contracts.models import Application, Contract


def may_withdraw(application: Application, at: datetime) -> bool:
    """Whether the customer can withdraw it at a moment; what that costs is another question."""
    if application.status not in (Application.Status.SUBMITTED, Application.Status.ACCEPTED):
        return False
    contract = Contract.objects.filter(application=application).first()
    if contract and contract.ends_on:
        return False
    return judge_withdrawal(application, at).outcome == "accepted"
